import { beforeEach, expect, test } from "vitest";
import { Preload, type Storage, type Wanted } from "./preload.svelte";

/** A cache like the browser's, as far as it is used here. */
class FakeCache {
  readonly kept = new Map<string, Response>();
  match = async (address: string) => this.kept.get(address);
  put = async (address: string, answer: Response) => void this.kept.set(address, answer);
  keys = async () => [...this.kept.keys()].map((url) => ({ url }) as Request);
  delete = async (request: Request) => this.kept.delete(request.url);
}

let cache: FakeCache;
let made: boolean;
let asked: string[];
let stores: Set<string>;
let answers: (address: string) => Response;
let storage: Storage;

beforeEach(() => {
  localStorage.clear();
  cache = new FakeCache();
  made = true;
  asked = [];
  stores = new Set();
  answers = () => new Response("x");
  storage = {
    caches: {
      has: async () => made,
      open: async () => ((made = true), cache),
      delete: async () => (cache.kept.clear(), !(made = false)),
    } as unknown as CacheStorage,
    owner: localStorage,
    fetch: (async (address: string, how?: RequestInit) => {
      asked.push(address);
      stores.add(how?.cache ?? "default");
      return answers(address);
    }) as typeof fetch,
  };
});

const paper = (version: string, changes: Partial<Wanted> = {}): Wanted => ({
  version,
  pages: 2,
  restricted: false,
  ...changes,
});

test("every page is brought: small picture, sharp picture, words", async () => {
  const preload = new Preload(storage);
  await preload.bring([paper("a")], 960);
  expect([...cache.kept.keys()].sort()).toEqual([
    "/pages/a/1/240.webp",
    "/pages/a/1/960.webp",
    "/pages/a/1/text.json",
    "/pages/a/2/240.webp",
    "/pages/a/2/960.webp",
    "/pages/a/2/text.json",
    "/pages/a/outline.json",
  ]);
  expect([preload.total, preload.done, preload.share, preload.complete]).toEqual([2, 2, 1, true]);
  expect([...stores], "kept here, and nowhere else a second time").toEqual(["no-store"]);
});

test("a paper whose table of contents cannot be had is whole, and its pages come first", async () => {
  answers = (address) => (address.endsWith("/outline.json") ? Response.error() : new Response("x"));
  const preload = new Preload(storage);
  await preload.bring([paper("a"), paper("b")], 960);
  expect([preload.complete, preload.missing]).toEqual([true, 0]);
  expect(asked.slice(-2)).toEqual(["/pages/a/outline.json", "/pages/b/outline.json"]);
});

test("papers of restricted circulation are not even asked for", async () => {
  const preload = new Preload(storage);
  await preload.bring([paper("a", { restricted: true }), paper("b", { pages: 1 })], 960);
  expect(asked.every((address) => address.startsWith("/pages/b/"))).toBe(true);
});

test("papers are counted as here once every page of theirs is, and those kept nowhere apart", async () => {
  answers = (address) => (address.startsWith("/pages/b/2/") ? Response.error() : new Response("x"));
  const preload = new Preload(storage);
  const papers = [paper("a"), paper("b"), paper("c", { restricted: true }), paper("a")];
  await preload.bring(papers, 960);
  expect([preload.papers, preload.restricted, preload.missing]).toEqual([2, 1, 1]);
  await preload.clear();
  expect([preload.papers, preload.restricted]).toEqual([0, 0]);
});

test("without a line it is counted what is here, and nothing is asked for", async () => {
  await new Preload(storage).bring([paper("a")], 960);
  asked = [];
  const preload = new Preload(storage);
  await preload.bring([paper("a"), paper("b")], 960, { isCut: true });
  expect([preload.papers, preload.missing, asked]).toEqual([1, 2, []]);
});

test("an answer that says no-store is not kept, whatever the list said", async () => {
  answers = () => new Response("x", { headers: { "Cache-Control": "no-store" } });
  const preload = new Preload(storage);
  await preload.bring([paper("a")], 960);
  expect(cache.kept.size).toBe(0);
  expect([preload.complete, preload.missing]).toEqual([false, 2]);
});

test("a second round asks only for what is missing", async () => {
  answers = (address) => (address.includes("/2/") ? Response.error() : new Response("x"));
  const preload = new Preload(storage);
  await preload.bring([paper("a")], 960);
  expect([preload.done, preload.missing, preload.busy]).toEqual([1, 1, false]);
  asked = [];
  stores = new Set();
  answers = () => new Response("x");
  await preload.bring([paper("a")], 960);
  expect(asked).toHaveLength(3);
  expect(preload.complete).toBe(true);
});

test("when the line breaks, nothing more is asked for in this round, and what is here counts", async () => {
  const preload = new Preload(storage);
  await preload.bring([paper("a")], 960);
  asked = [];
  stores = new Set();
  answers = () => {
    throw new TypeError("no network");
  };
  await preload.bring([paper("b", { pages: 60 }), paper("a")], 960);
  expect(asked.length).toBeLessThanOrEqual(3);
  expect([preload.done, preload.missing, preload.busy]).toEqual([2, 60, false]);
});

test("somebody else signing in finds nothing of mine, I find it again", async () => {
  const preload = new Preload(storage);
  await preload.claim("thao");
  await preload.bring([paper("a")], 960);
  await preload.claim("thao");
  expect(cache.kept.size).toBe(7);
  await preload.claim("thiet");
  expect(cache.kept.size).toBe(0);
});

test("signing out leaves nothing on the device", async () => {
  const preload = new Preload(storage);
  await preload.claim("thao");
  await preload.bring([paper("a")], 960);
  await preload.clear();
  expect([cache.kept.size, preload.total]).toEqual([0, 0]);
});

test("after signing out a screen still open brings nothing back", async () => {
  const preload = new Preload(storage);
  await preload.claim("thao");
  await preload.clear();
  await preload.bring([paper("a")], 960);
  await preload.withdraw("a");
  expect([made, cache.kept.size, asked]).toEqual([false, 0, []]);
});

test("a withdrawn paper goes, the others stay", async () => {
  const preload = new Preload(storage);
  await preload.bring([paper("a"), paper("b")], 960);
  await preload.withdraw("a");
  expect([...cache.kept.keys()].every((address) => address.startsWith("/pages/b/"))).toBe(true);
});
