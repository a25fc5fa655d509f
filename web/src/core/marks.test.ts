import { describe, expect, test } from "vitest";
import golden from "../../../tests/golden/ink.json";
import { touches, visible, NO_INK, withMarks, boundsOf } from "./ink";
import { type InkCommand, added, adding, draftFrom, fromEvents, fromSnapshot } from "./inkwire";
import {
  type Comment,
  type Mark,
  type Note,
  type Shape,
  type ShapeDraft,
  SHORTEST,
  placed,
  rewritten,
  storedShape,
  wordsAt,
} from "./marks";
import { firstChoice, onLayer } from "./pens";

const signed = { layer: "all", by: "thao", at: 5 } as const;
const shape = (form: Shape["form"], changes: Partial<Shape> = {}): Shape => ({
  ...{ kind: "shape", id: "shape-01", page: 1, form, colour: "#1b3fa8", width: 26 },
  ...{ start: [1000, 1000], end: [4000, 3000] },
  ...signed,
  ...changes,
});
const note: Note = {
  ...{ kind: "note", id: "note-001", page: 1, colour: "#13201f", size: 200, width: 3000 },
  ...{ spot: [5000, 5000], text: "Đề nghị làm rõ số liệu tại Phụ lục II trước khi trình" },
  ...signed,
};
const comment: Comment = { kind: "comment", id: "comment-1", page: 1, spot: [9000, 700], text: "Chưa rõ", ...signed };
const tap = (mark: Mark, x: number, y: number): boolean => touches(mark, [x, y], [x, y], 20);

describe("the eraser touches", () => {
  test("a line and an arrow along their way, not beside it", () => {
    for (const form of ["line", "arrow"] as const) {
      expect(tap(shape(form), 2500, 2000)).toBe(true);
      expect(tap(shape(form), 2500, 1500)).toBe(false);
    }
  });

  test("a rectangle and an ellipse at their edge, not in their middle", () => {
    expect(tap(shape("rectangle"), 1000, 2500)).toBe(true);
    expect(tap(shape("ellipse"), 4000, 2000)).toBe(true);
    expect(tap(shape("ellipse"), 1050, 1050)).toBe(false);
    for (const form of ["rectangle", "ellipse"] as const) expect(tap(shape(form), 2500, 2000)).toBe(false);
  });

  test("words anywhere, and a comment at its sign", () => {
    expect(tap(note, 6500, 5300)).toBe(true);
    expect(tap(note, 4900, 5100)).toBe(false);
    expect(tap(comment, 9050, 750)).toBe(true);
    expect(tap(comment, 8000, 700)).toBe(false);
  });
});

test("shapes, notes and comments stand among the strokes of their page", () => {
  const ink = withMarks(NO_INK, [shape("line"), note, comment, { ...note, id: "note-002", page: 2 }]);
  expect(visible(ink, 1, new Set(["all"])).map(({ id }) => id)).toEqual(["comment-1", "note-001", "shape-01"]);
});

test("a shape drawn backwards and beyond the page is stored on it; a slip of the hand is none", () => {
  const draft = shape("rectangle", { start: [12_000, 5000.4], end: [-3, 16_000] }) as ShapeDraft;
  expect(storedShape(draft, 14_151)).toMatchObject({ start: [10_000, 5000], end: [0, 14_151] });
  expect(storedShape({ ...draft, start: [10, 10], end: [10 + SHORTEST - 1, 12] }, 14_151)).toBeNull();
  expect(boundsOf(draft)).toMatchObject({ left: -16, top: 4987.4 });
});

test("a tap finds the words under it, the newest first, and a sign in reach of a finger", () => {
  const marks = [note, { ...note, id: "note-002" }, comment];
  expect(wordsAt(marks, [6000, 5100], 0.5)?.id).toBe("note-002");
  expect(wordsAt(marks, [9000, 1100], 0.05)?.id).toBe("comment-1");
  expect(wordsAt(marks, [1000, 1000], 0.5)).toBeNull();
});

test("a note at the edge of the page begins where its words have room", () => {
  expect(placed({ ...firstChoice("note", "mine"), tool: "note" }, 3, [9900, 500.6])).toMatchObject({
    ...{ kind: "note", page: 3, spot: [8500, 501], width: 1500, size: 210, colour: "#6e3596" },
  });
  expect(placed({ ...firstChoice("comment", "all"), tool: "comment" }, 3, [20, 30])).toEqual({
    ...{ kind: "comment", page: 3, spot: [20, 30], text: "" },
  });
});

test("other words leave everything else of a note as it was, and nothing of its signature", () => {
  expect(rewritten(note, "Khác")).toEqual({
    ...{ kind: "note", page: 1, colour: "#13201f", size: 200, width: 3000, spot: [5000, 5000], text: "Khác" },
  });
});

test("violet does not follow to a layer that others see", () => {
  for (const tool of ["pen", "rectangle", "note"] as const) {
    expect(onLayer(firstChoice(tool, "mine"), "all").colour).toBe("#1b3fa8");
  }
  const marker = firstChoice("marker", "mine");
  expect(onLayer(marker, "all")).toBe(marker);
});

describe("on the wire", () => {
  const command = (mark: Mark): InkCommand => JSON.parse(JSON.stringify(adding(mark)));

  test("a mark goes out without what the server knows itself, and comes back from the outbox as it was", () => {
    for (const mark of [shape("arrow"), note, comment]) {
      const origin = { version: "v", page: 2, how: "moved" } as const;
      const sent = command({ ...mark, origin });
      expect(sent.type).toBe("mark.add");
      expect(Object.keys((sent as { mark: object }).mark)).not.toEqual(expect.arrayContaining(["by"]));
      expect(JSON.stringify(sent)).not.toMatch(/origin|layer|"at"/);
      expect(added(sent, signed)).toEqual(mark);
    }
  });

  test("a snapshot brings strokes and the other marks, of an earlier server strokes alone", () => {
    const kept = { ...(command(note) as { mark: object }).mark, by: "lan", at: 9 };
    const [mark] = fromSnapshot({ strokes: [], marks: [kept] }, "desk");
    expect(mark).toMatchObject({ id: "note-001", by: "lan", at: 9, layer: "desk" });
    expect(fromSnapshot({ strokes: [] }, "desk")).toEqual([]);
  });

  test("a mark that was carried over keeps its author and its time", () => {
    const origin = { version: "v", page: 2, how: "vanished" };
    const { mark } = command(comment) as { mark: object };
    const data = { ...mark, drawn_by: "lan", drawn_at: 9, origin };
    const [got] = fromEvents([{ type: "mark.carried", at: 99, by: "house", data }], "all").marks;
    expect(got).toEqual({ ...comment, by: "lan", at: 9, origin });
  });

  test("a growing shape is taken from others only when it is one", () => {
    const { kind, page, form, colour, width, start, end } = shape("ellipse");
    const told = { kind, page, form, colour, width, start, end };
    expect(draftFrom(told)).toEqual(told);
    for (const wrong of [{ form: "star" }, { start: [1] }, { end: "x" }, { colour: "red" }, { page: "1" }]) {
      expect(draftFrom({ ...told, ...wrong })).toBeNull();
    }
    expect(draftFrom({ ...told, width: 99_999 })).toMatchObject({ width: 1000 });
  });

  test("a growing line that leaves any paper is not drawn", () => {
    const told = (...point: unknown[]): unknown => ({
      ...{ page: 1, tool: "pen", colour: "#1b3fa8", width: 26 },
      points: [[10_000, 60_000, 1000], point],
    });
    expect(draftFrom(told(0, 0, 0))).not.toBeNull();
    for (const wrong of [
      [1e9, 0, 0],
      [0, -1, 0],
      [0, 60_001, 0],
      [0, 0, 1001],
      ["x", 0, 0],
      [0, 0],
      [null, "", [5]],
    ]) {
      expect(draftFrom(told(...wrong)), JSON.stringify(wrong)).toBeNull();
    }
  });

  test.each(golden)("what the server has kept is read: $event.type $event.data.id", ({ command, event }) => {
    const got = fromEvents([{ ...event, at: 5, by: "lan" }], "all");
    const { id, ...data } = event.data;
    if (event.type === "stroke.erased") return expect(got).toEqual({ marks: [], erased: [id] });
    const [mark] = got.marks;
    expect(mark).toMatchObject({ id, page: data.page, by: "lan", layer: "all" });
    if (command) expect(adding(mark as Mark)).toEqual(command);
    else expect(mark).toMatchObject({ at: 1795300861547, origin: { how: "moved" } });
  });
});
