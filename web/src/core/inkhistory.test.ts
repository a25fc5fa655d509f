import { expect, test } from "vitest";
import { type Ink, NO_INK, type Stroke, visible, withErased, withMarks } from "./ink";
import { type Act, NO_HISTORY, redo, remembered, undo } from "./inkhistory";

function stroke(id: string): Stroke {
  return { id, page: 1, tool: "pen", colour: "#000000", width: 20, points: [[1, 1, 1]], layer: "mine", by: "a", at: 1 };
}

/** A hand with its paper: does, takes back and does again. */
function hand() {
  let [ink, history, count]: [Ink, typeof NO_HISTORY, number] = [NO_INK, NO_HISTORY, 0];
  const fresh = (): string => `copy${++count}`;
  const carry = (act: Act): void => {
    ink = withErased(
      withMarks(ink, act.added),
      act.removed.map(({ id }) => id),
    );
  };
  const step = (way: typeof undo): boolean => {
    const taken = way(history, fresh);
    if (!taken) return false;
    history = taken.history;
    carry(taken.act);
    return true;
  };
  return {
    do(act: Partial<Act>): void {
      const full = { added: [], removed: [], ...act };
      history = remembered(history, full);
      carry(full);
    },
    undo: () => step(undo),
    redo: () => step(redo),
    shown: () => visible(ink, 1, new Set(["mine"])),
  };
}

test("undo takes away the last stroke, redo brings it back under a new id", () => {
  const writer = hand();
  writer.do({ added: [stroke("a")] });
  writer.undo();
  expect(writer.shown()).toEqual([]);
  writer.redo();
  expect(writer.shown().map(({ id }) => id)).toEqual(["copy1"]);
});

test("undoing an erasure and then the drawing of the same stroke leaves nothing", () => {
  const writer = hand();
  writer.do({ added: [stroke("a")] });
  writer.do({ removed: [stroke("a")] });
  writer.undo();
  expect(writer.shown()).toHaveLength(1);
  writer.undo();
  expect(writer.shown()).toEqual([]);
  writer.redo();
  expect(writer.shown()).toHaveLength(1);
  writer.redo();
  expect(writer.shown()).toEqual([]);
});

test("a new stroke ends what could be redone", () => {
  const writer = hand();
  writer.do({ added: [stroke("a")] });
  writer.undo();
  writer.do({ added: [stroke("b")] });
  expect(writer.redo()).toBe(false);
  expect(writer.shown().map(({ id }) => id)).toEqual(["b"]);
});

test("there is nothing to undo on an empty page", () => {
  expect(hand().undo()).toBe(false);
});
