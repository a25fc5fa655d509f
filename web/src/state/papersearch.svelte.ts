import { textUrl } from "../core/pages";
import { type Found, type PageText, search } from "../core/pagestext";

/** A place in a paper where the searched words stand. */
export interface Hit {
  readonly page: number;
  readonly found: Found;
}

/** Pages whose words are fetched at the same time. */
const AT_ONCE = 4;

/** Searches the words of one version of a paper, page by page, from the device when they are there. */
export class PaperSearch {
  query = $state("");
  hits = $state.raw<readonly Hit[]>([]);
  /** Which hit is looked at, from 0; −1 when there is none. */
  at = $state(-1);
  /** Pages looked through so far, and pages whose words could not be had. */
  searched = $state(0);
  unread = $state(0);
  readonly #texts = new Map<number, PageText>();
  #run = 0;

  constructor(
    readonly version: string,
    readonly pages: number,
    private readonly fetched: (address: string) => Promise<Response> = (address) => fetch(address),
  ) {}

  readonly busy = $derived.by(() => this.query !== "" && this.searched < this.pages);
  readonly hit = $derived(this.hits[this.at] ?? null);

  /** What is found on one page, and which of it is looked at (−1: another page's). */
  on(page: number): { found: Found[]; at: number } {
    const here = this.hits.filter((hit) => hit.page === page);
    return { found: here.map(({ found }) => found), at: this.hit ? here.indexOf(this.hit) : -1 };
  }

  /** Look for these words, beginning with the page that is open; a new search takes over from an old one. */
  async find(query: string, from = 1): Promise<void> {
    const run = ++this.#run;
    [this.query, this.hits, this.at, this.searched, this.unread] = [query.trim(), [], -1, 0, 0];
    if (this.query === "") return;
    const order = Array.from({ length: this.pages }, (_, index) => ((from - 1 + index) % this.pages) + 1).values();
    const worker = async (): Promise<void> => {
      for (const page of order) {
        const text = await this.#text(page);
        if (run !== this.#run) return;
        this.searched++;
        if (text) this.#add(page, search(text.words, this.query), from);
        else this.unread++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  #add(page: number, found: readonly Found[], from: number): void {
    if (found.length === 0) return;
    const looked = this.hit;
    const hits = [...this.hits, ...found.map((one) => ({ page, found: one }))];
    this.hits = hits.sort((a, b) => a.page - b.page || a.found.first - b.found.first);
    const first = this.hits.findIndex((hit) => hit.page >= from);
    this.at = looked ? this.hits.indexOf(looked) : Math.max(0, first);
  }

  async #text(page: number): Promise<PageText | null> {
    const known = this.#texts.get(page);
    if (known) return known;
    try {
      const answer = await this.fetched(textUrl({ version: this.version, page }));
      if (!answer.ok) return null;
      const text = (await answer.json()) as PageText;
      this.#texts.set(page, text);
      return text;
    } catch {
      return null; // No network and not on the device: counted as unread and said so.
    }
  }

  /** The next hit (1) or the one before (−1), round and round. */
  step(by: 1 | -1): void {
    if (this.hits.length > 0) this.at = (this.at + by + this.hits.length) % this.hits.length;
  }
}
