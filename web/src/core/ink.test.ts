import { describe, expect, test } from "vitest";
import {
  type Ink,
  type Layer,
  MOST_POINTS,
  NO_INK,
  type Point,
  type Stroke,
  boundsOf,
  dense,
  merged,
  stored,
  touches,
  visible,
  withErased,
  withMarks,
} from "./ink";

const ALL: ReadonlySet<Layer> = new Set(["mine", "desk", "all"]);

function stroke(id: string, changes: Partial<Stroke> = {}): Stroke {
  const points: Point[] = [
    [1000, 1000, 500],
    [3000, 1000, 500],
  ];
  return {
    id,
    page: 1,
    tool: "pen",
    colour: "#1b3fa8",
    width: 22,
    points,
    layer: "mine",
    by: "thao",
    at: 1,
    ...changes,
  };
}

const ids = (ink: Ink, page = 1): string[] => visible(ink, page, ALL).map(({ id }) => id);

describe("the set", () => {
  test("merging is the same in any order and any number of times", () => {
    const a = withErased(withMarks(NO_INK, [stroke("a"), stroke("b", { at: 2 })]), ["c"]);
    const b = withErased(withMarks(NO_INK, [stroke("c", { at: 3 }), stroke("b", { at: 2 })]), ["a"]);
    expect(ids(merged(a, b))).toEqual(["b"]);
    expect(ids(merged(b, a))).toEqual(["b"]);
    expect(ids(merged(merged(a, b), merged(b, a)))).toEqual(["b"]);
  });

  test("a stroke erased before it arrives stays erased", () => {
    expect(ids(withMarks(withErased(NO_INK, ["a"]), [stroke("a")]))).toEqual([]);
  });

  test("strokes stand in the order of their time, equal times in the order of ids", () => {
    const ink = withMarks(NO_INK, [stroke("z", { at: 5 }), stroke("b", { at: 9 }), stroke("a", { at: 9 })]);
    expect(ids(ink)).toEqual(["z", "a", "b"]);
  });

  test("a bookmark is nothing to be seen on its page", () => {
    const bookmark = { kind: "bookmark", id: "b", page: 1, text: "", layer: "mine", by: "thao", at: 1 } as const;
    expect(ids(withMarks(NO_INK, [bookmark, stroke("a")]))).toEqual(["a"]);
  });

  test("a page shows its own strokes of the chosen layers only", () => {
    const ink = withMarks(NO_INK, [stroke("a"), stroke("b", { layer: "desk" }), stroke("c", { page: 2 })]);
    expect(visible(ink, 1, new Set<Layer>(["mine"])).map(({ id }) => id)).toEqual(["a"]);
    expect(ids(ink, 2)).toEqual(["c"]);
  });
});

describe("the eraser", () => {
  test("touches a line it crosses, however fast it moves", () => {
    expect(touches(stroke("a"), [2000, 0], [2000, 5000], 5)).toBe(true);
  });

  test("touches a line it comes near to, the width counted", () => {
    expect(touches(stroke("a"), [2000, 1030], [2000, 1030], 20)).toBe(true);
    expect(touches(stroke("a"), [2000, 1040], [2000, 1040], 20)).toBe(false);
    expect(touches(stroke("a", { width: 270 }), [2000, 1140], [2000, 1140], 20)).toBe(true);
  });

  test("touches a dot", () => {
    expect(touches(stroke("a", { points: [[500, 500, 500]] }), [510, 505], [510, 505], 10)).toBe(true);
  });

  test("leaves alone what is only inside its bounding box", () => {
    const corner: Point[] = [
      [0, 0, 500],
      [4000, 0, 500],
      [4000, 4000, 500],
    ];
    expect(touches(stroke("a", { points: corner }), [500, 3500], [600, 3400], 50)).toBe(false);
  });
});

describe("what is stored", () => {
  test("a straight line needs two points", () => {
    const line = Array.from({ length: 500 }, (_, at): Point => [at * 3.3, 200 + at * 0.001, 500]);
    expect(stored(line)).toHaveLength(2);
  });

  test("a curve keeps its shape to a hair's breadth", () => {
    const round = Array.from({ length: 800 }, (_, at): Point => {
      const turn = (at / 799) * Math.PI * 2;
      return [5000 + 1000 * Math.cos(turn), 5000 + 1000 * Math.sin(turn), 400];
    });
    const kept = stored(round);
    expect(kept.length).toBeLessThan(120);
    for (const [x, y] of round) expect(touches(stroke("a", { points: kept, width: 0 }), [x, y], [x, y], 5)).toBe(true);
  });

  test("never more than 2000 points, and whole numbers only", () => {
    const wild = Array.from({ length: 5_000 }, (_, at): Point => [(at * 7919) % 10_000, (at * 104_729) % 14_000, 0.4]);
    const kept = stored(wild);
    expect(kept.length).toBeLessThanOrEqual(MOST_POINTS);
    expect(kept.flat().every(Number.isInteger)).toBe(true);
  });

  test("a change of pressure on a straight line is kept", () => {
    const line = Array.from({ length: 101 }, (_, at): Point => [
      at * 10,
      0,
      Math.round(1000 * Math.sin((at / 100) * Math.PI)),
    ]);
    const kept = stored(line);
    expect(kept.length).toBeGreaterThan(2);
    expect(Math.max(...kept.map((point) => point[2]))).toBe(1000);
  });

  test("points in between are put back for drawing, on the straight way", () => {
    expect(
      dense(
        [
          [0, 0, 0],
          [100, 0, 1000],
        ],
        50,
      ),
    ).toEqual([
      [0, 0, 0],
      [50, 0, 500],
      [100, 0, 1000],
    ]);
  });

  test("a dot stays a dot", () => {
    const dot: Point = [10, 10, 500];
    expect(stored([dot, dot, dot])).toEqual([dot]);
  });

  test("numbers that are none become zero, far away ones come to the page's border", () => {
    expect(stored([[NaN, Infinity, 2e9]])).toEqual([[0, 0, 1000]]);
    expect(stored([[1e9, 1e9, -5]], 14_142)).toEqual([[10_000, 14_142, 0]]);
  });
});

test("the bounding box counts the width of the line", () => {
  expect(boundsOf(stroke("a", { width: 100 }))).toEqual({ left: 950, top: 950, right: 3050, bottom: 1050 });
});
