import { beforeEach, expect, test } from "vitest";
import type { Draft, Layer } from "../core/ink";
import { digest } from "../wire/digest";
import type { StreamHandlers } from "../wire/follower";
import type { Answer } from "../wire/commands";
import { deliveryBy } from "./delivery";
import type { Waiting } from "./outbox.svelte";
import { PaperInk } from "./paperink.svelte";

const LAYERS: readonly Layer[] = ["mine", "all"];
const ALL: ReadonlySet<Layer> = new Set(LAYERS);
const draft: Draft = { page: 1, tool: "pen", colour: "#1b3fa8", width: 26, points: [[10, 10, 500]] };
const sent = (id: string) => ({ kind: "stroke", id, ...draft });

let streams: Map<string, StreamHandlers>;
let hints: unknown[];
let box: Waiting[];
let shelf: Map<string, string>;

function open(): PaperInk {
  const here = shelf; // a test that has ended writes nothing into the next
  return new PaperInk({
    live: {
      follow: (stream, handlers) => {
        streams.set(stream, handlers);
        return () => streams.delete(stream);
      },
      hint: (...told) => void hints.push(told),
      now: () => 1000,
    },
    outbox: {
      add: async (waiting) => void box.push(waiting),
      mine: async () => box,
      keep: async (name, content) => void here.set(name, JSON.stringify(content)),
      kept: async (name) => JSON.parse(here.get(name) ?? "null"),
    },
    sent: () => {},
    version: "v",
    me: "thao",
    layers: LAYERS,
  });
}
const ids = (ink: PaperInk): string[] => ink.book.on(1, ALL).map(({ id }) => id);
const event = (type: string, data: unknown, version: number, by = "thiet") => ({
  stream: "ink:v:all",
  version,
  at: 5,
  by,
  order_of: "",
  type,
  data,
});

beforeEach(() => {
  streams = new Map();
  hints = [];
  box = [];
  shelf = new Map();
});

test("each layer is its own stream, mine by my name", () => {
  open();
  expect([...streams.keys()]).toEqual(["ink:v:thao", "ink:v:all"]);
});

test("what I draw is on the page at once and waits in the outbox for its own stream", async () => {
  const ink = open();
  ink.book.draw(draft, "all");
  expect(ids(ink)).toHaveLength(1);
  await expect.poll(() => box.length).toBe(1);
  expect(box[0]).toMatchObject({ kind: "ink", stream: "ink:v:all", command: { type: "stroke.add", stroke: draft } });
});

test("the server's event for my own stroke does not double it", async () => {
  const ink = open();
  ink.book.draw(draft, "all");
  const [id = ""] = ids(ink);
  streams.get("ink:v:all")?.onEvents([event("stroke.added", sent(id), 1, "thao")], 1);
  expect(ids(ink)).toEqual([id]);
});

test("strokes and tombstones of others come and go, and the digest names what is seen", async () => {
  const ink = open();
  const all = streams.get("ink:v:all");
  all?.onSnapshot({ strokes: [{ ...sent("bbbbbbbb"), by: "thiet", at: 1 }] }, 1);
  all?.onEvents([event("stroke.added", sent("aaaaaaaa"), 2)], 2);
  expect(ids(ink).sort()).toEqual(["aaaaaaaa", "bbbbbbbb"]);
  expect(await all?.digestOf?.()).toBe(await digest(["aaaaaaaa", "bbbbbbbb"]));
  all?.onEvents([event("stroke.erased", { id: "aaaaaaaa", page: 1 }, 3)], 3);
  expect(ids(ink)).toEqual(["bbbbbbbb"]);
});

test("a later snapshot takes away what was erased meanwhile, and leaves what I have not yet sent", () => {
  const ink = open();
  const all = streams.get("ink:v:all");
  all?.onSnapshot({ strokes: [{ ...sent("bbbbbbbb"), by: "thiet", at: 1 }] }, 1);
  ink.book.draw(draft, "all");
  all?.onSnapshot({ strokes: [] }, 5);
  expect(ids(ink)).toHaveLength(1);
  expect(ids(ink)).not.toContain("bbbbbbbb");
});

test("ink that waits since before a restart is on the page again", async () => {
  box = [{ kind: "ink", id: "c1", stream: "ink:v:thao", command: { type: "stroke.add", stroke: sent("cccccccc") } }];
  const ink = open();
  await expect.poll(() => ids(ink)).toEqual(["cccccccc"]);
});

test("others' growing lines are shown until the stroke comes; nonsense is not shown", () => {
  const ink = open();
  const all = streams.get("ink:v:all");
  const hint = (data: unknown) => all?.onHint?.([{ stream: "ink:v:all", type: "stroke", by: "thiet", data }]);
  hint(draft);
  expect(ink.wets(1)).toEqual([draft]);
  hint({ ...draft, points: [["x", 1, 2]] });
  expect(ink.wets(1)).toEqual([]);
  hint(draft);
  all?.onEvents([event("stroke.added", sent("aaaaaaaa"), 1)], 1);
  expect(ink.wets(1)).toEqual([]);
});

test("a line that became a mark is over for others when the mark has come, any other at once", async () => {
  const ink = open();
  const over = ["ink:v:all", "stroke", null];
  const draws = (): string => {
    ink.hint(draft, "all");
    ink.book.draw(draft, "all");
    ink.hint(null, "all");
    return ids(ink).find((id) => !before.has(id)) ?? "";
  };
  const before = new Set<string>();
  const first = draws();
  expect(hints).not.toContainEqual(over);
  streams.get("ink:v:all")?.onEvents([event("stroke.added", sent(first), 1, "thao")], 1);
  expect(hints.at(-1)).toEqual(over);

  hints = [];
  before.add(first);
  const second = draws();
  ink.hint(draft, "all"); // The next line has begun: it is not over.
  streams
    .get("ink:v:all")
    ?.onSnapshot({ strokes: [first, second].map((id) => ({ ...sent(id), by: "thao", at: 1 })) }, 2);
  expect(hints).not.toContainEqual(over);
  ink.hint(null, "all");
  expect(hints.at(-1)).toEqual(over);

  hints = [];
  before.add(second);
  draws();
  await expect.poll(() => box.length).toBe(3);
  ink.refused(box[2] as Waiting);
  expect(hints.at(-1)).toEqual(over);
});

test("ink that is not for all is hinted to nobody", () => {
  const ink = open();
  ink.hint(draft, "mine");
  ink.hint(draft, "desk");
  expect(hints).toEqual([]);
  ink.hint(draft, "all");
  expect(hints).toHaveLength(1);
});

test("a refused stroke goes from the page again; a line that fails keeps it waiting", async () => {
  const ink = open();
  ink.book.draw(draft, "all");
  await expect.poll(() => box.length).toBe(1);
  const [waiting] = box as [Waiting];
  let answer: Answer = { ok: false, now: 1, version: 1, code: "live.no_answer" };
  const deliver = deliveryBy({ command: async () => answer }, (one, { ok }) => ok || ink.refused(one));
  expect(await deliver(waiting)).toBe("unsent");
  answer = { ...answer, code: "meeting.stopped" };
  expect(await deliver(waiting), "it waits until the system is opened again").toBe("later");
  expect(ids(ink)).toHaveLength(1);
  answer = { ...answer, code: "ink.full" };
  expect(await deliver(waiting)).toBe("answered");
  expect(ids(ink)).toEqual([]);
});

test("my own ink is there after a restart without a network, and goes when the server says it is gone", async () => {
  const before = open();
  const mine = { ...sent("aaaaaaaa"), by: "thao", at: 1 };
  streams.get("ink:v:thao")?.onSnapshot({ strokes: [mine, { ...mine, id: "bbbbbbbb" }] }, 2);
  streams.get("ink:v:all")?.onSnapshot({ strokes: [{ ...sent("cccccccc"), by: "thiet", at: 1 }] }, 1);
  await expect.poll(() => shelf.get("ink/v")).toContain("bbbbbbbb");
  expect(shelf.get("ink/v")).not.toContain("cccccccc");
  before.close();

  const after = open();
  await expect.poll(() => ids(after)).toEqual(["aaaaaaaa", "bbbbbbbb"]);
  streams.get("ink:v:thao")?.onSnapshot({ strokes: [mine] }, 3);
  expect(ids(after)).toEqual(["aaaaaaaa"]);
});

test("what the server has told is not overtaken by what lay on the device", async () => {
  const kept = { ...sent("aaaaaaaa"), by: "thao", at: 1 };
  shelf.set(
    "ink/v",
    JSON.stringify([
      { ...kept, layer: "mine" },
      { ...kept, id: "bbbbbbbb", layer: "all" },
    ]),
  );
  const ink = open();
  streams.get("ink:v:thao")?.onSnapshot({ strokes: [] }, 3);
  // Of the layer that nobody has told of yet it is shown: so it was read.
  await expect.poll(() => ids(ink)).toEqual(["bbbbbbbb"]);
});

test("a bookmark waits in the outbox like ink, is there after a restart, and the pen's undo leaves it", async () => {
  const ink = open();
  ink.book.draw(draft, "mine");
  ink.book.bookmark(7, "Biểu số 3");
  ink.book.undo();
  expect(ink.book.bookmarks).toMatchObject([{ page: 7, text: "Biểu số 3", layer: "mine" }]);
  await expect.poll(() => box.map(({ command }) => command)).toHaveLength(3);
  const [kept] = ink.book.bookmarks;
  expect(box[1]).toMatchObject({
    stream: "ink:v:thao",
    command: { type: "mark.add", mark: { kind: "bookmark", id: kept?.id, page: 7, text: "Biểu số 3" } },
  });

  const again = open();
  await expect.poll(() => again.book.bookmarks.map(({ page }) => page)).toEqual([7]);
  expect(again.book.on(7, ALL)).toEqual([]);
  expect([...again.book.marked(ALL)]).toEqual([]);
});

test("another name takes the place of a bookmark's, one that is taken out goes from every device", async () => {
  const ink = open();
  ink.book.bookmark(7, "");
  ink.book.bookmark(2, "Kết luận");
  ink.book.bookmark(7, "Biểu số 3", ink.book.bookmarks[1]);
  expect(ink.book.bookmarks.map(({ page, text }) => [page, text])).toEqual([
    [2, "Kết luận"],
    [7, "Biểu số 3"],
  ]);
  ink.book.unmark(ink.book.bookmarks[0]!);
  expect(ink.book.bookmarks.map(({ page }) => page)).toEqual([7]);
  await expect
    .poll(() => box.filter(({ command }) => (command as { type: string }).type === "stroke.erase"))
    .toHaveLength(2);
  const [left] = ink.book.bookmarks;
  streams.get("ink:v:thao")?.onEvents([event("stroke.erased", { id: left?.id }, 1)], 1);
  expect(ink.book.bookmarks).toEqual([]);
});
