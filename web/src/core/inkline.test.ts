import { getStroke } from "perfect-freehand";
import { expect, test } from "vitest";
import { dense } from "./ink";
import { outlineOf, spineOf } from "./inkline";
import type { Draft, Point, Tool } from "./marks";

/** A wave of a hand; without pressure, or harder towards its end. */
const wave = (tool: Tool, isPressed: boolean, length = 120): Draft => ({
  page: 1,
  tool,
  colour: "#1b3fa8",
  width: 32,
  points: Array.from({ length }, (_, at): Point => [
    1000 + 60 * at,
    3000 + 400 * Math.sin(at / 8),
    isPressed ? 300 + 3 * at : 500,
  ]),
});

/** The outline as the library makes it in one go. */
function inOneGo(draft: Draft, isGuessed: boolean): number[][] {
  const points = dense(draft.points, 25).map(([x, y, p]) => [x, y, p / 1000] as [number, number, number]);
  const shape =
    draft.tool === "pen"
      ? { thinning: 0.55, smoothing: 0.5, streamline: 0.3 }
      : { thinning: 0, smoothing: 0.6, streamline: 0.4 };
  return getStroke(points, { ...shape, size: draft.width, simulatePressure: isGuessed, last: true });
}

test.each([
  ["pen", true, false],
  ["pen", false, true],
  ["marker", true, false],
  ["marker", false, false],
] as const)(
  "the outline of a %s is the library's (pressed: %s, guessed from its speed: %s)",
  (tool, pressed, guessed) => {
    const draft = wave(tool, pressed);
    const [ours, theirs] = [outlineOf(spineOf(draft, true), draft), inOneGo(draft, guessed)];
    expect(ours).toHaveLength(theirs.length);
    ours.forEach(([x, y], at) => {
      expect(x).toBeCloseTo(theirs[at]![0]!, 6);
      expect(y).toBeCloseTo(theirs[at]![1]!, 6);
    });
  },
);

test("a line that goes to and fro without end costs no more than a long one", () => {
  const points = Array.from({ length: 2000 }, (_, at): Point => [at % 2 ? 10_000 : 0, at % 2 ? 60_000 : 0, 500]);
  expect(spineOf({ ...wave("pen", false), points }, true).length).toBeLessThan(25_000);
});

test.each([true, false])("the beginning of a line stays as the line grows (pressed: %s)", (pressed) => {
  const long = wave("pen", pressed);
  const whole = spineOf(long, false);
  const part = spineOf({ ...long, points: long.points.slice(0, 80) }, false);
  expect(part.slice(1, -1)).toEqual(whole.slice(1, part.length - 1));
});
