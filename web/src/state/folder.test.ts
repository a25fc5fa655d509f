import { afterEach, expect, test, vi } from "vitest";
import type { OwnPaper, Shelved } from "../core/folder";
import { Problem, UNREACHABLE } from "../wire/http";
import { type FolderParts, FolderState } from "./folder.svelte";
import { OwnPages } from "./ownpages.svelte";

afterEach(() => vi.useRealTimers());

const paper = (id: string, changes: Partial<OwnPaper> = {}): OwnPaper => ({
  id,
  name: `${id}.pdf`,
  state: "ready",
  code: "",
  details: {},
  version: { id: `version-${id}`, sizes: [[595, 842]], rendered: 1, broken: 0 },
  ...changes,
});
const shelf = (...papers: OwnPaper[]): Shelved => ({ papers, octets: 0, most_papers: 200, most_octets: 1 << 30 });

/** A folder over a server that answers with what `lies` there now. */
function folder(changes: Partial<FolderParts> = {}) {
  const here = { lies: shelf() as Shelved | Problem, asked: [] as string[], gone: [] as string[] };
  const kept = new Map<string, unknown>();
  const parts: FolderParts = {
    offered: true,
    ask: (async (method: string, path: string) => {
      here.asked.push(`${method} ${path}`);
      if (here.lies instanceof Problem) throw here.lies;
      return here.lies;
    }) as FolderParts["ask"],
    send: (_method, _path, _file, onshare) => {
      onshare(0.5);
      return { answer: Promise.resolve({ paper: "p9" }), stop: () => undefined };
    },
    outbox: async () => ({
      keep: async (name: string, content: unknown) => void kept.set(name, content),
      kept: async <T>(name: string) => (kept.get(name) as T) ?? null,
    }),
    pages: new OwnPages({ caches: {} as CacheStorage, fetch }),
    claim: async () => undefined,
    withdraw: async (version) => void here.gone.push(version),
    ...changes,
  };
  return { state: new FolderState("thao", parts), here, kept };
}

test("whoever is here for one meeting has no folder and asks for none", async () => {
  const { state, here } = folder({ offered: false });
  await state.open();
  await state.bring();
  expect(here.asked).toEqual([]);
});

test("the list is there without a network, as it was seen last", async () => {
  const { state, here, kept } = folder();
  here.lies = shelf(paper("p1"));
  await state.open();
  expect(kept.get("folder")).toEqual(here.lies);
  const again = folder();
  again.kept.set("folder", here.lies);
  again.here.lies = new Problem(UNREACHABLE);
  await again.state.open();
  expect([Object.keys(again.state.readable), again.state.problem]).toEqual([["p1"], null]);
});

test("while a paper is being prepared it is looked at again, and then no more", async () => {
  vi.useFakeTimers();
  const { state, here } = folder();
  here.lies = shelf(paper("p1", { state: "converting", version: null }));
  await state.open();
  here.lies = shelf(paper("p1"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(here.asked.length).toBe(2);
  expect(Object.keys(state.readable)).toEqual(["p1"]);
  state.close();
});

test("what was deleted on another device goes from this one, with its ink", async () => {
  const { state, here, kept } = folder();
  here.lies = shelf(paper("p1"), paper("p2"));
  await state.open();
  here.lies = shelf(paper("p2"));
  await state.look();
  expect(here.gone).toEqual(["version-p1"]);
  expect(kept.get("ink/version-p1")).toEqual([]);
});

test("a file goes up with its progress, and what was refused stays until it is put away", async () => {
  const shares: number[] = [];
  const { state } = folder({
    send: (_method, path, file, onshare) => {
      expect(path).toBe("/api/folder");
      onshare(0.5);
      shares.push(state.uploads.find(({ name }) => name === file.name)!.share);
      const full = { code: "folder.full", details: { limit_mb: 5 } };
      return { answer: Promise.resolve(file.name === "a.pdf" ? { paper: "p1" } : full), stop: () => undefined };
    },
  });
  await state.add([new File(["x"], "a.pdf"), new File(["x"], "b.pdf")]);
  expect(shares).toEqual([0.5, 0.5]);
  expect(state.uploads.map(({ name }) => name)).toEqual(["b.pdf"]);
  expect(state.uploads[0]?.problem).toContain("5 MB");
  state.forget(state.uploads[0]!.id);
  expect(state.uploads).toEqual([]);
});

test("renaming and deleting are asked of the server; a refusal is said and closes nothing", async () => {
  const { state, here } = folder();
  here.lies = shelf(paper("p1"));
  await state.open();
  expect(await state.rename("p1", "Ghi chép")).toBe(true);
  expect(await state.remove("p1")).toBe(true);
  expect(here.asked.filter((one) => !one.startsWith("GET"))).toEqual(["PUT /api/folder/p1", "DELETE /api/folder/p1"]);
  here.lies = new Problem("paper.unknown");
  expect(await state.remove("p1")).toBe(false);
  expect(state.problem).not.toBeNull();
});
