/// <reference lib="webworker" />
import { type Keeping, PAGES_CACHE, keepingOf, mayKeep, otherWidths } from "./core/caching";
import { PAGE_WIDTHS } from "./core/pages";

declare const self: ServiceWorkerGlobalScope;
/** The application's files, filled in by the build. */
declare const __SHELL__: readonly string[];

/** A fresh build has other file names and so another cache; the old one goes when the new worker takes over. */
const SHELL_CACHE = `hopso-shell-${stamp(__SHELL__.join())}`;
/** Milliseconds to wait for the network's start page before showing the kept one. */
const PATIENCE = 3_000;

function stamp(text: string): string {
  let sum = 0;
  for (const letter of text) sum = (Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  return sum.toString(36);
}

async function keep(cacheName: string, request: Request, answer: Response): Promise<void> {
  if (!mayKeep(answer.status, answer.headers.get("Cache-Control"))) return;
  // Signing in makes the cache of pages and signing out removes it: a page that comes late must not bring it back.
  if (!(await caches.has(cacheName))) return;
  const cache = await caches.open(cacheName);
  // A full disk costs the copy, not the page.
  await cache.put(request, answer).catch(() => undefined);
}

async function keptFirst(cacheName: string, event: FetchEvent): Promise<Response> {
  const kept = await caches.match(event.request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(event.request);
  event.waitUntil(keep(cacheName, event.request, answer.clone()));
  return answer;
}

async function page(event: FetchEvent): Promise<Response> {
  try {
    return await keptFirst(PAGES_CACHE, event);
  } catch (failure) {
    for (const path of otherWidths(new URL(event.request.url).pathname, PAGE_WIDTHS)) {
      const kept = await caches.match(path, { ignoreVary: true });
      if (kept) return kept;
    }
    throw failure;
  }
}

async function start(event: FetchEvent): Promise<Response> {
  const kept = caches.match("/");
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE));
  const fresh = fetch(event.request).catch(() => undefined);
  const answer = await Promise.race([fresh, late]);
  return answer ?? (await kept) ?? (await fresh) ?? Response.error();
}

const ANSWERS: Readonly<Record<Keeping, ((event: FetchEvent) => Promise<Response>) | null>> = {
  start,
  asset: (event) => keptFirst(SHELL_CACHE, event),
  page,
  none: null,
};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL_CACHE).then((cache) => cache.addAll(__SHELL__)));
});

self.addEventListener("activate", (event) => {
  const tidy = async (): Promise<void> => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith("hopso-shell-") && name !== SHELL_CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const answer = ANSWERS[keepingOf(event.request, new URL(event.request.url), self.location.origin)];
  if (answer) event.respondWith(answer(event));
});
