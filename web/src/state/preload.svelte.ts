import { PAGES_CACHE, mayKeep } from "../core/caching";
import { type PageWidth, THUMBNAIL, imageUrl, outlineUrl, textUrl } from "../core/pages";

/** A paper to have at hand. */
export interface Wanted {
  readonly version: string;
  readonly pages: number;
  /** Restricted circulation: seen on screen, kept nowhere. */
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
/** It is kept here: neither the browser's own store nor the service worker need keep it a second time. */
const UNSTORED: RequestInit = { priority: "low", cache: "no-store" };

const browser = (): Storage => ({ caches, owner: localStorage, fetch: (...given) => fetch(...given) });

/** The newest run of any preload on this page: signing out anywhere stops them all. */
let latest = 0;

/** Brings all pages of a meeting's papers onto this device, so that the meeting goes on without a network. */
export class Preload {
  /** Pages to have, had whole, and not to be had whole just now. */
  total = $state(0);
  done = $state(0);
  missing = $state(0);
  /** Papers of which every page is here, and papers that are never kept on any device. */
  papers = $state(0);
  restricted = $state(0);
  /** How much of the work is done, 0 to 1: the small pictures of all pages come before the first whole page. */
  share = $state(0);

  constructor(private readonly storage: Storage = browser()) {}

  /** "Đã tải đủ tài liệu": everything wanted is on this device. */
  readonly complete = $derived(this.total > 0 && this.done === this.total);

  /** Whether something is still being brought. */
  readonly busy = $derived(this.total > this.done + this.missing);

  /**
   * Bring what is missing, in the order of the papers; a new call takes over from an old one. Without a line it is only
   * counted what is here.
   */
  async bring(papers: readonly Wanted[], width: PageWidth, line: Line = { isCut: false }): Promise<void> {
    await this.#claiming;
    const cache = await this.#kept();
    if (cache === null) return;
    const run = ++latest;
    const kept = papers.filter((paper) => !paper.restricted);
    const pieces = kept.flatMap((paper) => piecesOf(paper, width));
    const book = new PageBook(pieces);
    [this.total, this.done, this.missing, this.share] = [book.total, 0, 0, 0];
    [this.papers, this.restricted] = [0, papers.length - kept.length];
    const queue = pieces.values();
    const worker = async (): Promise<void> => {
      for (const piece of queue) {
        const here = await this.#bringOne(cache, piece.address, run, line);
        if (run !== latest) return;
        book.tried(piece.page, here);
        [this.done, this.missing, this.share] = [book.whole, book.lacking, book.share];
        this.papers = kept.filter((paper) => book.has(paper)).length;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    // The pages come first: a paper is whole without its table of contents, too.
    for (const { version } of kept) {
      if (run === latest) await this.#bringOne(cache, outlineUrl(version), run, line);
    }
  }

  /** Where pages are kept; null when whoever was signed in has left: nothing but signing in makes this place. */
  async #kept(): Promise<Cache | null> {
    const { caches } = this.storage;
    return (await caches.has(PAGES_CACHE)) ? caches.open(PAGES_CACHE) : null;
  }

  async #bringOne(cache: Cache, address: string, run: number, line: Line): Promise<boolean> {
    try {
      if (await cache.match(address, { ignoreVary: true })) return true;
      if (line.isCut) return false;
      const answer = await this.storage.fetch(address, UNSTORED).catch(() => null);
      // Nothing else of this round will come either: hundreds of pages are not asked for in vain.
      if (answer === null) return !(line.isCut = true);
      if (!mayKeep(answer.status, answer.headers.get("Cache-Control"))) return false;
      // Whoever signed out meanwhile must not find pages here again.
      if (run !== latest) return false;
      await cache.put(address, answer);
      return true;
    } catch {
      return false; // A full disk: counted as missing and shown as such.
    }
  }

  /** At sign-in: pages kept for somebody else go, before anything of theirs can be seen. */
  claim(person: string): Promise<void> {
    return (this.#claiming = this.#claim(person));
  }

  #claiming = Promise.resolve();

  async #claim(person: string): Promise<void> {
    if (this.storage.owner.getItem(OWNER) !== person) await this.clear();
    this.storage.owner.setItem(OWNER, person);
    await this.storage.caches.open(PAGES_CACHE);
  }

  /** At sign-out, and when a meeting's papers are withdrawn. */
  async clear(): Promise<void> {
    latest++;
    [this.total, this.done, this.missing, this.share] = [0, 0, 0, 0];
    [this.papers, this.restricted] = [0, 0];
    await this.storage.caches.delete(PAGES_CACHE);
    this.storage.owner.removeItem(OWNER);
  }

  /** One paper is withdrawn from this device. */
  async withdraw(version: string): Promise<void> {
    const cache = await this.#kept();
    const kept = (await cache?.keys()) ?? [];
    const gone = kept.filter(({ url }) => new URL(url, "https://here").pathname.startsWith(`/pages/${version}/`));
    await Promise.all(gone.map((request) => cache?.delete(request)));
  }
}

/** Whether the network has failed in this round. */
interface Line {
  isCut: boolean;
}

/** One of the files a page consists of. */
interface Piece {
  readonly page: string;
  readonly address: string;
}

/** Counts pages by their pieces. */
class PageBook {
  readonly total: number;
  lacking = 0;
  private readonly here = new Map<string, number>();
  whole = 0;
  private readonly open = new Map<string, number>();
  private readonly torn = new Set<string>();
  private tries = 0;

  constructor(private readonly pieces: readonly Piece[]) {
    for (const { page } of pieces) this.open.set(page, (this.open.get(page) ?? 0) + 1);
    this.total = this.open.size;
  }

  get share(): number {
    return this.tries / Math.max(1, this.pieces.length);
  }

  /** Whether every page of this paper is here. */
  has({ version, pages }: Wanted): boolean {
    return this.here.get(version) === pages;
  }

  /** One piece of this page is here, or could not be had. */
  tried(page: string, here: boolean): void {
    this.tries++;
    if (!here) this.torn.add(page);
    const left = (this.open.get(page) ?? 1) - 1;
    this.open.set(page, left);
    if (left > 0) return;
    if (this.torn.has(page)) return void this.lacking++;
    this.whole++;
    const version = page.slice(0, page.lastIndexOf("/"));
    this.here.set(version, (this.here.get(version) ?? 0) + 1);
  }
}

/** All pieces of a paper at one width: small pictures first, so that every page shows something soon. */
function piecesOf({ version, pages }: Wanted, width: PageWidth): Piece[] {
  const refs = Array.from({ length: pages }, (_, index) => ({ version, page: index + 1 }));
  const piece = (ref: { page: number }, address: string): Piece => ({ page: `${version}/${ref.page}`, address });
  return [
    ...refs.map((ref) => piece(ref, imageUrl(ref, THUMBNAIL))),
    ...refs.flatMap((ref) => [piece(ref, imageUrl(ref, width)), piece(ref, textUrl(ref))]),
  ];
}
