import { expect, test } from "vitest";
import { touches } from "./ink";
import { MOST_TOLD, Telling } from "./inktold";
import type { Draft, Point } from "./marks";

const line = (points: readonly Point[]): Draft => ({ page: 1, tool: "pen", colour: "#1b3fa8", width: 0, points });

/** Handwriting: loops from left to right. */
const loops = (length: number): Point[] =>
  Array.from({ length }, (_, at) => [1000 + 8 * at + 200 * Math.cos(at / 9), 3000 + 300 * Math.sin(at / 9), 500]);

/** What is told of a line that grows point by point. */
function told(points: readonly Point[], telling = new Telling()): Draft[] {
  const grown: Point[] = [];
  return points.map((point) => {
    grown.push(point);
    return telling.of(line(grown)) as Draft;
  });
}

test("what was told of the beginning stays, and only the end is told anew", () => {
  const all = told(loops(300));
  all.slice(1).forEach((now, at) => {
    const before = all[at]!.points;
    const same = before.findIndex((point, one) => String(point) !== String(now.points[one]));
    expect(same === -1 || before.length - same <= 33, `${at}`).toBe(true);
  });
  expect(all.at(-1)!.points.length).toBeLessThan(150);
});

test("it is the line to a hair's breadth", () => {
  const points = loops(300);
  const last = told(points).at(-1)!;
  for (const [x, y] of points) expect(touches(last, [x, y], [x, y], 5)).toBe(true);
  expect(last.points.at(-1)).toEqual(points.at(-1)!.map(Math.round));
});

test("a pen that rests adds nothing, a straight line little", () => {
  const still = Array.from({ length: 200 }, (): Point => [500, 500, 500]);
  expect(told(still).at(-1)!.points).toEqual([[500, 500, 500]]);
  const straight = Array.from({ length: 200 }, (_, at): Point => [10 * at, 500, 500]);
  expect(told(straight).at(-1)!.points.length).toBeLessThan(20);
});

test("a scribble is told more roughly, but whole", () => {
  const wild = Array.from({ length: 1_500 }, (_, at): Point => [(at * 7919) % 10_000, (at * 104_729) % 14_000, 400]);
  const last = new Telling().of(line(wild)) as Draft;
  expect(last.points.length).toBeLessThanOrEqual(MOST_TOLD);
  expect([last.points[0], last.points.at(-1)]).toEqual([wild[0], wild.at(-1)]);
});

test("the next line has nothing of the one before; shapes and the end are told as they are", () => {
  const telling = new Telling();
  told(loops(100), telling);
  expect(told([[1, 2, 500]], telling)).toEqual([line([[1, 2, 500]])]);
  const shape = {
    kind: "shape",
    page: 1,
    form: "line",
    colour: "#1b3fa8",
    width: 9,
    start: [0, 0],
    end: [9, 9],
  } as const;
  expect([telling.of(shape), telling.of(null)]).toEqual([shape, null]);
});
