import { PAGES_CACHE, mayKeep } from "../core/caching";
import { type PageWidth, THUMBNAIL, imageUrl, textUrl } from "../core/pages";

/** A paper to have at hand. */
export interface Wanted {
  readonly version: string;
  readonly pages: number;
  /** Restricted circulation: seen on screen, never kept. */
  readonly restricted: boolean;
}

/** The pieces of the browser that are needed; tests bring their own. */
export interface Storage {
  readonly caches: CacheStorage;
  readonly owner: Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem">;
  fetch: typeof fetch;
}

const OWNER = "hopso.pages-of";
/** Pages asked for at the same time: the page being read must not wait behind those that may be read. */
const AT_ONCE = 3;

const browser = (): Storage => ({ caches, owner: localStorage, fetch: (...given) => fetch(...given) });

/** The newest run of any preload on this page: signing out anywhere stops them all. */
let latest = 0;

/** Brings all pages of a meeting's papers onto this device, so that the meeting goes on without a network. */
export class Preload {
  /** Addresses to have, had, and not to be had just now. */
  total = $state(0);
  done = $state(0);
  missing = $state(0);

  constructor(private readonly storage: Storage = browser()) {}

  /** "Đã tải đủ tài liệu": everything wanted is on this device. */
  readonly complete = $derived(this.total > 0 && this.done === this.total);

  /** Whether something is still being brought. */
  readonly busy = $derived(this.total > this.done + this.missing);

  /** Bring what is missing, in the order of the papers; a new call takes over from an old one. */
  async bring(papers: readonly Wanted[], width: PageWidth): Promise<void> {
    const run = ++latest;
    const addresses = papers.filter((paper) => !paper.restricted).flatMap((paper) => addressesOf(paper, width));
    [this.total, this.done, this.missing] = [addresses.length, 0, 0];
    const cache = await this.storage.caches.open(PAGES_CACHE);
    const queue = addresses.values();
    const worker = async (): Promise<void> => {
      for (const address of queue) {
        const here = await this.#bringOne(cache, address, run);
        if (run !== latest) return;
        if (here) this.done++;
        else this.missing++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  async #bringOne(cache: Cache, address: string, run: number): Promise<boolean> {
    try {
      if (await cache.match(address, { ignoreVary: true })) return true;
      const answer = await this.storage.fetch(address, { priority: "low" });
      if (!mayKeep(answer.status, answer.headers.get("Cache-Control"))) return false;
      // Whoever signed out meanwhile must not find pages here again.
      if (run !== latest) return false;
      await cache.put(address, answer);
      return true;
    } catch {
      return false; // No network or a full disk: counted as missing and shown as such.
    }
  }

  /** At sign-in: pages kept for somebody else go, before anything of theirs can be seen. */
  async claim(person: string): Promise<void> {
    if (this.storage.owner.getItem(OWNER) !== person) await this.clear();
    this.storage.owner.setItem(OWNER, person);
  }

  /** At sign-out, and when a meeting's papers are withdrawn. */
  async clear(): Promise<void> {
    latest++;
    [this.total, this.done, this.missing] = [0, 0, 0];
    await this.storage.caches.delete(PAGES_CACHE);
    this.storage.owner.removeItem(OWNER);
  }

  /** One paper is withdrawn from this device. */
  async withdraw(version: string): Promise<void> {
    const cache = await this.storage.caches.open(PAGES_CACHE);
    const kept = await cache.keys();
    const gone = kept.filter(({ url }) => new URL(url, "https://here").pathname.startsWith(`/pages/${version}/`));
    await Promise.all(gone.map((request) => cache.delete(request)));
  }
}

/** All addresses of a paper at one width: small pictures first, so that every page shows something soon. */
function addressesOf({ version, pages }: Wanted, width: PageWidth): string[] {
  const refs = Array.from({ length: pages }, (_, index) => ({ version, page: index + 1 }));
  return [
    ...refs.map((ref) => imageUrl(ref, THUMBNAIL)),
    ...refs.flatMap((ref) => [imageUrl(ref, width), textUrl(ref)]),
  ];
}
