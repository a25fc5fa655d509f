import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { errorText } from "../i18n";
import { Door } from "../testdoor";
import type { Command, Paper } from "../wire/types";
import { arrangePapers, changePaper } from "./prepare.svelte";
import { Uploads } from "./prepareupload.svelte";
import { sealWith } from "./sealedshelf";

beforeEach(() => {
  Door.opened.length = 0;
  vi.stubGlobal("XMLHttpRequest", Door);
});
afterEach(() => vi.unstubAllGlobals());

function desk(code = ""): { sent: Command[]; uploads: Uploads } {
  const sent: Command[] = [];
  const perform = async (command: Command) => ({ ok: sent.push(command) > 0 && code === "", code, details: {} });
  return { sent, uploads: new Uploads("m1", perform) };
}
const file = (name: string): File => new File(["%PDF"], name);
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test("a file goes up with its progress, and is put on its item under its own name", async () => {
  const { sent, uploads } = desk();
  const done = uploads.add("i1", [file("Báo_cáo_số_12.pdf")]);
  const door = Door.opened[0]!;
  expect(door.asked).toBe("POST /api/papers?shelf=m1");
  expect(decodeURIComponent(door.headers["X-File-Name"] ?? "")).toBe("Báo_cáo_số_12.pdf");
  door.upload.onprogress?.({ loaded: 3, total: 4 });
  expect(uploads.of("i1")[0]?.share).toBe(0.75);
  door.answer(201, { id: "p1" });
  await done;
  const words = { title: "Báo cáo số 12", short: "Báo cáo số 12" };
  expect(sent).toEqual([{ type: "paper.attach", paper: "p1", item: "i1", ...words }]);
  expect(uploads.list).toEqual([]);
});

test("a file that may not lie on its item says why", async () => {
  const { uploads } = desk("item.unknown");
  const done = uploads.add("i1", [file("a.pdf")]);
  Door.opened[0]!.answer(201, { id: "p1" });
  await done;
  expect(uploads.of("i1").map(({ problem }) => problem)).toEqual([errorText("item.unknown")]);
});

test("a refusal is said as a sentence and stays until it is put away; the next file still goes up", async () => {
  const { sent, uploads } = desk();
  const done = uploads.add("i1", [file("a.pdf"), file("b.pdf")]);
  Door.opened[0]!.answer(413, { ok: false, code: "paper.too_large", details: { limit_mb: 100 } });
  await settled();
  Door.opened[1]!.onerror();
  await done;
  expect(sent).toEqual([]);
  expect(uploads.of("i1").map(({ problem }) => problem?.includes("{{"))).toEqual([false, false]);
  for (const { id } of uploads.list) uploads.forget(id);
  expect(uploads.list).toEqual([]);
});

const paper = (id: string, change: Partial<Paper> = {}): Paper => ({
  id,
  item: "i1",
  title: id,
  short: id,
  kind: "",
  state: "ready",
  problem: "",
  version: "v",
  pages: 1,
  readers: "all",
  named: [],
  screen_only: false,
  ...change,
});

test("a changed paper and those after it are taken off and put on again, so that their order stays", async () => {
  const sent: string[] = [];
  const act = (command: Command): Promise<boolean> => {
    sent.push(`${command.type} ${"paper" in command ? command.paper : ""}`);
    return Promise.resolve(true);
  };
  const papers = [paper("a"), paper("b"), paper("c")];
  expect(await arrangePapers(papers, papers, act)).toBe(true);
  expect(sent).toEqual([]);
  await arrangePapers(papers, [paper("a"), paper("b", { title: "Tờ trình" }), paper("c")], act);
  expect(sent).toEqual(["paper.detach b", "paper.detach c", "paper.attach b", "paper.attach c"]);
});

test("what may be taken along and what a paper is called are changed where it lies, its readers are not", async () => {
  const sent: Command[] = [];
  const act = (command: Command): Promise<boolean> => Promise.resolve(sent.push(command) > 0);
  const a = paper("a");
  await changePaper([a, paper("a", { title: "Tờ trình", screen_only: true })], [a], act);
  expect(sent).toEqual([
    { type: "paper.restrict", paper: "a", screen_only: true },
    { type: "paper.rename", paper: "a", title: "Tờ trình", short: "a" },
  ]);
  sent.length = 0;
  await changePaper([a, paper("a", { readers: "members", screen_only: true })], [a], act);
  expect(sent).toMatchObject([
    { type: "paper.detach" },
    { type: "paper.attach", readers: "members", screen_only: true },
  ]);
  sent.length = 0;
  expect(await changePaper([a, a], [a], act)).toBe(true);
  expect(sent).toEqual([]);
});

test("what is kept of unsent minutes can be read only with the writer's key", async () => {
  const seal = await sealWith(new Uint8Array(32).fill(1));
  const other = await sealWith(new Uint8Array(32).fill(2));
  const text = new TextEncoder().encode("Kết luận");
  const kept = await seal.close(text);
  expect(new TextDecoder().decode(await seal.open(kept))).toBe("Kết luận");
  await expect(other.open(kept)).rejects.toThrow();
});
