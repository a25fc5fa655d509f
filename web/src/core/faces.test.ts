import { expect, test } from "vitest";
import { clockFace, inFigures } from "./clockface";
import { lineStep } from "./connection";
import { tickPath } from "./ring";

test("the clock is calm, then soon at two minutes, then counts up", () => {
  expect(clockFace(462_000)).toEqual({ text: "07:42", mood: "calm" });
  expect(clockFace(120_001)).toEqual({ text: "02:01", mood: "calm" });
  expect(clockFace(120_000)).toEqual({ text: "02:00", mood: "soon" });
  expect(clockFace(1)).toEqual({ text: "00:01", mood: "soon" });
  expect(clockFace(0)).toEqual({ text: "00:00", mood: "over" });
  expect(clockFace(-35_900)).toEqual({ text: "00:35", mood: "over" });
});

test("hours are shown only when there are any", () => {
  expect(inFigures(3599)).toBe("59:59");
  expect(inFigures(4062)).toBe("1:07:42");
});

test("a lost line is told in three steps", () => {
  expect([null, 0, 2_999, 3_000, 14_999, 15_000].map((lost) => lineStep(lost))).toEqual([
    "fine",
    "fine",
    "fine",
    "reconnecting",
    "reconnecting",
    "lost",
  ]);
});

test("ticks go clockwise from twelve o'clock and the last ends where the first begins", () => {
  const numbers = (path: string): number[] => path.match(/-?[\d.]+/g)?.map(Number) ?? [];
  const [x, y] = numbers(tickPath(0, 31));
  expect(x).toBeGreaterThan(50);
  expect(y).toBeLessThan(50);
  const last = numbers(tickPath(30, 31));
  expect(last[0]).toBeLessThan(50);
});
