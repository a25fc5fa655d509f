/** What the tablet keeps for a meeting without a network: the application itself, and pages whose address never changes. */

export type Keeping =
  /** The application's start page: from the network, else the kept one. */
  | "start"
  /** A file of the application, its content named by its address: the kept one first. */
  | "asset"
  /** A page's image or words: the kept one first. */
  | "page"
  /** Everything else goes to the network untouched. */
  | "none";

export const PAGES_CACHE = "hopso-pages";

const PAGE = /^\/pages\/[\w.-]+\/(\d+\/(\d+\.webp|text\.json)|outline\.json)$/;
/** Files at the root that the application needs and that have no hash in their names. */
const ROOT_FILES = new Set(["/favicon.svg", "/manifest.webmanifest"]);
/** Paths that other doors of the server answer with pages of their own. */
const NOT_OURS = /^\/(api|pages|live|socket\.io|cai-dat|sso)(\/|$)/;

/** How to treat a request. */
export function keepingOf(
  request: { method: string; mode: string; cache: string },
  url: { origin: string; pathname: string },
  own: string,
): Keeping {
  // What the page fetches past all stores, it keeps itself: storing it here as well would be the same work twice.
  if (request.method !== "GET" || request.cache === "no-store" || url.origin !== own) return "none";
  if (PAGE.test(url.pathname)) return "page";
  if (url.pathname.startsWith("/assets/") || ROOT_FILES.has(url.pathname)) return "asset";
  return request.mode === "navigate" && !NOT_OURS.test(url.pathname) ? "start" : "none";
}

/** Whether an answer may be kept: papers of restricted circulation say no-store and never are. */
export function mayKeep(status: number, cacheControl: string | null): boolean {
  return status === 200 && !/\bno-store\b/i.test(cacheControl ?? "");
}

/** The same page in other widths, the sharpest first: what to show when the wanted one cannot be had. */
export function otherWidths(pathname: string, widths: readonly number[]): string[] {
  const [, stem, wanted] = /^(.*\/)(\d+)\.webp$/.exec(pathname) ?? [];
  if (!stem) return [];
  const others = widths.filter((width) => String(width) !== wanted);
  return others.sort((a, b) => b - a).map((width) => `${stem}${width}.webp`);
}
