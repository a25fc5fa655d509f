/** The pages of one's own papers on this device: after the meeting's, and counted apart from them. */
import { PAGES_CACHE, mayKeep } from "../core/caching";
import { THUMBNAIL, imageUrl, textUrl } from "../core/pages";
import type { Paper } from "../wire/types";
import type { Storage } from "./preload.svelte";

const WIDTH = 1440;

export class OwnPages {
  /** Papers to have, and those that are here whole. */
  total = $state(0);
  done = $state(0);
  private run = 0;

  constructor(private readonly storage: Omit<Storage, "owner">) {}

  readonly complete = $derived(this.total > 0 && this.done === this.total);

  /** Bring what is missing, one piece after the other; the first that cannot be had ends the round. */
  async bring(papers: readonly Paper[]): Promise<void> {
    const run = ++this.run;
    [this.total, this.done] = [papers.length, 0];
    for (const paper of papers) {
      for (const address of addressesOf(paper)) {
        const here = await this.bringOne(address).catch(() => false);
        if (run !== this.run || !here) return;
      }
      this.done++;
    }
  }

  /** Stop; what is here stays. */
  stop(): void {
    this.run++;
  }

  private async bringOne(address: string): Promise<boolean> {
    const { caches } = this.storage;
    // Signing in makes this place and signing out removes it: a page that comes late must not bring it back.
    if (!(await caches.has(PAGES_CACHE))) return false;
    const cache = await caches.open(PAGES_CACHE);
    if (await cache.match(address, { ignoreVary: true })) return true;
    const answer = await this.storage.fetch(address, { priority: "low", cache: "no-store" });
    if (!mayKeep(answer.status, answer.headers.get("Cache-Control"))) return false;
    if (!(await caches.has(PAGES_CACHE))) return false;
    await cache.put(address, answer);
    return true;
  }
}

function addressesOf({ version, pages }: Paper): string[] {
  const refs = Array.from({ length: pages }, (_, index) => ({ version, page: index + 1 }));
  return [
    ...refs.map((ref) => imageUrl(ref, THUMBNAIL)),
    ...refs.flatMap((ref) => [imageUrl(ref, WIDTH), textUrl(ref)]),
  ];
}
