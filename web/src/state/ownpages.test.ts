import { expect, test } from "vitest";
import { asPaper } from "../core/folder";
import type { Paper } from "../wire/types";
import { OwnPages } from "./ownpages.svelte";

const paper = (version: string): Paper =>
  asPaper({
    id: `paper-${version}`,
    name: "Ghi chép.pdf",
    state: "ready",
    code: "",
    details: {},
    version: { id: version, sizes: [[595, 842]], rendered: 1, broken: 0 },
  })!;

function store(answers: (address: string) => Response | Error = () => new Response("x")): {
  pages: OwnPages;
  kept: Map<string, Response>;
  asked: string[];
  signOut: () => void;
} {
  const kept = new Map<string, Response>();
  const asked: string[] = [];
  let there = true;
  const cache = {
    match: async (at: string) => kept.get(at),
    put: async (at: string, answer: Response) => kept.set(at, answer),
  };
  const caches = { has: async () => there, open: async () => cache } as unknown as CacheStorage;
  const fetched = (async (address: string) => {
    asked.push(address);
    const answer = answers(address);
    if (answer instanceof Error) throw answer;
    return answer;
  }) as unknown as typeof fetch;
  return { pages: new OwnPages({ caches, fetch: fetched }), kept, asked, signOut: () => (there = false) };
}

test("my own papers are kept on this device and counted by themselves", async () => {
  const { pages, kept, asked } = store();
  await pages.bring([paper("a"), paper("b")]);
  expect([pages.done, pages.total, pages.complete]).toEqual([2, 2, true]);
  expect([...kept.keys()]).toContain("/pages/b/1/1440.webp");
  const before = asked.length;
  await pages.bring([paper("a"), paper("b")]);
  expect(asked.length).toBe(before);
});

test("without a network nothing more is asked for, and it is not called complete", async () => {
  const { pages, asked } = store(() => new TypeError("offline"));
  await pages.bring([paper("a"), paper("b")]);
  expect([asked.length, pages.done, pages.complete]).toEqual([1, 0, false]);
});

test("whoever has signed out finds no page here again", async () => {
  const { pages, kept, signOut } = store(() => (signOut(), new Response("x")));
  await pages.bring([paper("a")]);
  expect(kept.size).toBe(0);
});
