import { expect, test } from "vitest";
import type { Drawn } from "../core/marks";
import { ScreenShown, mark } from "../screenexample";
import { ScreenInk } from "./screenink.svelte";

const LINE: Drawn = {
  page: 1,
  tool: "pen",
  colour: "#1b3fa8",
  width: 44,
  points: Array.from({ length: 600 }, (_, at) => [at * 10, at % 2 ? 0 : 5_000, 500] as const),
};
const ids = (ink: ScreenInk): string[] => ink.marks.map(({ id }) => id);

test("what others draw comes as statuses, goes as statuses, and begins anew with each snapshot", () => {
  const shown = new ScreenShown("b");
  const ink = new ScreenInk(shown.standing);
  shown.says?.onSnapshot({ strokes: [mark("one", "c")], marks: [] }, 0);
  shown.says?.onHint?.([{ stream: "screen:m1", type: "stroke", by: "c", data: LINE }]);
  expect(ink.wets).toHaveLength(1);
  shown.says?.onStatus?.("mark:two", mark("two", "c"));
  expect([ids(ink), ink.wets]).toEqual([["one", "two"], []]);
  shown.says?.onStatus?.("mark:one", null);
  expect(ids(ink)).toEqual(["two"]);
  // The line was away: what is not told of any more has gone meanwhile.
  shown.says?.onSnapshot({ strokes: [], marks: [] }, 0);
  expect(ids(ink)).toEqual([]);
  ink.close();
  expect(shown.says).toBeUndefined();
});

test("what I draw is there at once, told with no more points than are taken, and goes when it is refused", async () => {
  const shown = new ScreenShown("b");
  const ink = new ScreenInk(shown.standing);
  ink.draw(LINE);
  expect(ink.marks).toHaveLength(1);
  const sent = shown.asked[0] as { type: string; stroke: { points: unknown[] } };
  expect(sent.type).toBe("stroke.add");
  expect(sent.stroke.points.length).toBeLessThanOrEqual(500);
  ink.book.undo();
  expect(shown.asked[1]).toEqual({ type: "stroke.erase", id: (sent.stroke as unknown as { id: string }).id });
  shown.answer = { ok: false, code: "screen.not_shared" };
  ink.draw(LINE);
  await expect.poll(() => ink.marks).toEqual([]);
  expect(shown.standing.problem).toBeNull();
  shown.answer = { ok: false, code: "ink.full" };
  ink.draw(LINE);
  await expect.poll(() => shown.standing.problem).not.toBeNull();
  ink.close();
});

test("a line that became a mark is over for others when the mark has come, or is refused", async () => {
  const shown = new ScreenShown("b");
  const ink = new ScreenInk(shown.standing);
  const draws = (): string => {
    shown.hinted.length = 0;
    ink.hint(LINE);
    ink.draw(LINE);
    ink.hint(null);
    expect(shown.hinted).not.toContainEqual(["stroke", null]);
    return ids(ink).at(-1) ?? "";
  };
  const id = draws();
  shown.says?.onStatus?.(`mark:${id}`, mark(id, "b"));
  expect(shown.hinted.at(-1)).toEqual(["stroke", null]);
  shown.answer = { ok: false, code: "screen.not_shared" };
  draws();
  await expect.poll(() => shown.hinted.at(-1)).toEqual(["stroke", null]);
  ink.close();
});

test("who presents draws and rubs out their own, the desk and whoever shares the screen everything, others nothing", () => {
  const rights = (me: string): boolean[] => {
    const ink = new ScreenInk(new ScreenShown(me).standing);
    ink.book.receive([]);
    const found = [ink.mayDraw, ink.tidies];
    ink.close();
    return found;
  };
  expect(["a", "b", "c", "d"].map(rights)).toEqual([
    [true, true],
    [true, false],
    [true, true],
    [false, false],
  ]);
});

test("where somebody points is told beside the drawing", () => {
  const shown = new ScreenShown("b");
  const ink = new ScreenInk(shown.standing);
  ink.pointing.take("pointer");
  ink.point({ kind: "pointer", page: 1, x: 10, y: 20 });
  expect(shown.hinted.at(-1)).toEqual(["pointer", { kind: "pointer", page: 1, x: 10, y: 20 }]);
  const theirs = { kind: "pointer", page: 1, x: 30, y: 40 };
  shown.says?.onHint?.([{ stream: "screen:m1", type: "pointer", by: "c", data: theirs }]);
  expect(ink.pointed.map(({ point }) => point.x)).toEqual([10, 30]);
  ink.close();
});
