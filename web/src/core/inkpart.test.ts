import { expect, test } from "vitest";
import { partFor } from "./inkpart";
import type { Drawn, Flat } from "./marks";

const BOX = { width: 1280, height: 700 };
/** One unit is a tenth of a pixel. */
const VIEW = { x: 0, y: 0, width: 12_800 };
const line = (...points: Flat[]): Drawn => ({
  ...({ page: 1, tool: "pen", colour: "#1b3fa8", width: 20 } as const),
  points: points.map(([x, y]) => [x, y, 500] as const),
});

test("a canvas stands around what is drawn, on the grid, and goes no further than the box", () => {
  expect(partFor(null, [line([4000, 3000])], VIEW, BOX)).toEqual({ left: 256, top: 128, width: 256, height: 256 });
  expect(partFor(null, [line([0, 0], [12_800, 6900])], VIEW, BOX)).toEqual({ left: 0, top: 0, ...BOX });
  expect(partFor(null, [], VIEW, BOX)).toBeNull();
});

test("it stays while the line stays inside, and then covers all of it", () => {
  const before = partFor(null, [line([4000, 3000])], VIEW, BOX);
  expect(partFor(before, [line([4000, 3000], [5000, 3000])], VIEW, BOX)).toBe(before);
  expect(partFor(before, [], VIEW, BOX)).toBe(before);
  const wider = { left: 256, top: 128, width: 512, height: 256 };
  expect(partFor(before, [line([4000, 3000], [6200, 3000])], VIEW, BOX)).toEqual(wider);
  expect(partFor(before, [line([4000, 3000]), line([6200, 3000])], VIEW, BOX)).toEqual(wider);
});

test("the barbs of an arrow are inside", () => {
  const ends = { start: [2000, 5000], end: [5100, 5000] } as const;
  const drawn: Drawn = { kind: "shape", page: 1, form: "arrow", colour: "#1b3fa8", width: 200, ...ends };
  const part = partFor(null, [drawn], VIEW, BOX);
  expect(part).toEqual({ left: 0, top: 256, width: 768, height: 444 });
});

test("what lies outside of what is seen needs no more than a corner", () => {
  const part = partFor(null, [line([4000, 60_000])], VIEW, BOX);
  expect(part && part.height > 0 && part.height <= 256).toBe(true);
});
