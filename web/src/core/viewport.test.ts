import { describe, expect, test } from "vitest";
import {
  UNITS,
  type View,
  atEdge,
  carried,
  doubleTapped,
  fitWidth,
  followed,
  heightOf,
  kept,
  panned,
  same,
  scaleOf,
  toPage,
  toShared,
  zoomAt,
} from "./viewport";

const A4 = { width: 595, height: 842 };
const STAGE = { width: 648, height: 686 };
const TALL = { width: 788, height: 1092 };

/** As far out as one gets. */
const wholePage = (box: typeof A4, paper: typeof A4): View => kept({ x: 0, y: 0, width: Infinity }, box, paper);
const toScreen = (spot: { x: number; y: number }, view: View, box: typeof A4): { x: number; y: number } => ({
  x: (spot.x - view.x) * scaleOf(view, box),
  y: (spot.y - view.y) * scaleOf(view, box),
});

/** A tiny repeatable source of numbers from 0 to 1. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe("fitting", () => {
  test("a landscape stage crops 8 % left and 3 % right, and 14-pt text reads at 16 px or more", () => {
    const view = fitWidth(STAGE, A4);
    expect(view).toEqual({ x: 800, y: 0, width: 8900 });
    expect(14 * ((scaleOf(view, STAGE) * UNITS) / A4.width)).toBeGreaterThanOrEqual(16);
  });

  test("portrait crops less", () => {
    expect(fitWidth(TALL, A4)).toEqual({ x: 250, y: 0, width: 9650 });
  });

  test("the whole page stands in the middle of a broad stage", () => {
    const broad = { width: 1000, height: 500 };
    const view = wholePage(broad, A4);
    const left = toScreen({ x: 0, y: 0 }, view, broad);
    const right = toScreen({ x: UNITS, y: heightOf(A4) }, view, broad);
    expect(left.x).toBeCloseTo(1000 - right.x);
    expect(right.y).toBeCloseTo(500);
  });

  test("a landscape page in a portrait stage is shown whole, in the middle", () => {
    const paper = { width: 842, height: 595 };
    const view = fitWidth(TALL, paper);
    const shown = (view.width * TALL.height) / TALL.width;
    expect(view.y).toBeCloseTo((heightOf(paper) - shown) / 2);
    expect(toShared(view, paper).y).toBe(0);
    expect(view.width).toBe(UNITS);
  });

  test("a slide loses nothing at its sides, whatever stage it is on", () => {
    for (const box of [STAGE, TALL, { width: 1000, height: 500 }]) {
      const view = fitWidth(box, { width: 960, height: 540 });
      expect(view.x).toBeLessThanOrEqual(0);
      expect(view.x + view.width).toBeGreaterThanOrEqual(UNITS);
    }
  });
});

describe("moving", () => {
  test("screen to page and back is the same spot", () => {
    const view = { x: 1234, y: 5678, width: 4321 };
    const back = toScreen(toPage({ x: 100, y: 200 }, view, STAGE), view, STAGE);
    expect(back.x).toBeCloseTo(100);
    expect(back.y).toBeCloseTo(200);
  });

  test("zooming keeps the spot under the finger where it is", () => {
    const view = fitWidth(STAGE, A4, 3000);
    const at = { x: 300, y: 300 };
    const before = toPage(at, view, STAGE);
    const after = toPage(at, zoomAt(view, at, 2, STAGE, A4), STAGE);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  test("however it is pushed, the view never leaves the page", () => {
    const number = numbers(7);
    let view = fitWidth(STAGE, A4);
    for (let step = 0; step < 2000; step++) {
      const at = { x: number() * STAGE.width, y: number() * STAGE.height };
      view =
        step % 2
          ? zoomAt(view, at, 0.4 + number() * 2, STAGE, A4)
          : panned(view, (number() - 0.5) * 3000, (number() - 0.5) * 3000, STAGE, A4);
      expect(view).toEqual(kept(view, STAGE, A4));
      expect(view.width).toBeGreaterThanOrEqual(UNITS / 8);
      if (view.width < UNITS) expect(view.x).toBeGreaterThanOrEqual(0);
      expect(view.y).toBeGreaterThanOrEqual(0);
    }
  });

  test("the edge is felt at the bottom, not before", () => {
    const top = fitWidth(STAGE, A4);
    const bottom = panned(top, 0, -100_000, STAGE, A4);
    expect(atEdge(top, 500, STAGE, A4)).toBe(false);
    expect(atEdge(top, -500, STAGE, A4)).toBe(true);
    expect(atEdge(bottom, 500, STAGE, A4)).toBe(true);
  });

  test("a double tap enlarges twice and the next one goes back to the text width", () => {
    const fit = fitWidth(STAGE, A4);
    const at = { x: 200, y: 300 };
    const large = doubleTapped(fit, at, STAGE, A4);
    expect(large.width).toBeCloseTo(fit.width / 2);
    expect(doubleTapped(large, at, STAGE, A4).width).toBe(fit.width);
  });
});

describe("following", () => {
  test("at full text width each screen fits in its own way and follows up and down", () => {
    const presented = toShared(fitWidth(STAGE, A4, 2000), A4);
    const mine = followed(presented, TALL, A4);
    expect(mine.width).toBe(9650);
    expect(Math.abs(followed(presented, STAGE, A4).y - 2000)).toBeLessThan(2);
  });

  test("zoomed in, a follower of the same shape sees the same part", () => {
    const view = kept({ x: 3000, y: 4000, width: 3000 }, STAGE, A4);
    expect(same(followed(toShared(view, A4), STAGE, A4), kept(view, STAGE, A4))).toBe(true);
  });

  test("what is shared is whole numbers from 0 to 10000 even when more than the page is shown", () => {
    const shared = toShared(wholePage({ width: 1000, height: 500 }, A4), A4);
    for (const value of Object.values(shared)) {
      expect(Number.isInteger(value)).toBe(true);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(10_000);
    }
  });

  test("my own zoom goes along with the presenter's scroll", () => {
    const before: View = fitWidth(STAGE, A4);
    const after: View = fitWidth(STAGE, A4, 3000);
    const mine: View = { x: 2000, y: 1000, width: 4450 };
    expect(carried(mine, before, after)).toEqual({ x: 2000, y: 4000, width: 4450 });
  });

  test("my own zoom stays as much larger when the presenter zooms", () => {
    const before: View = { x: 0, y: 0, width: 8000 };
    const after: View = { x: 1000, y: 1000, width: 4000 };
    expect(carried({ x: 800, y: 800, width: 4000 }, before, after)).toEqual({ x: 1400, y: 1400, width: 2000 });
  });
});
