import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Point, pointAt } from "../core/pointing";
import { Pointing } from "./pointing.svelte";

const VERSION = "v1";
let told: (Point | null)[] = [];

function pointing(): Pointing {
  told = [];
  return new Pointing(
    {
      hint: (stream, type, data) => {
        expect([stream, type]).toEqual(["ink:v1:all", "pointer"]);
        told.push(data as Point | null);
      },
    },
    "me",
  );
}
const at = (x: number, kind: Point["kind"] = "pointer"): Point => pointAt(kind, 1, x, 0);
const shown = (one: Pointing): (number | string)[] =>
  one.on(VERSION, 1).map(({ point, fading }) => (fading ? "fading" : point.x));

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("however fast the hand, few words are sent and the last place is always told", () => {
  const mine = pointing();
  mine.take("pointer");
  for (let x = 1; x <= 100; x++) {
    mine.move(VERSION, at(x));
    vi.advanceTimersByTime(5);
  }
  vi.advanceTimersByTime(100);
  expect(told.length).toBeLessThanOrEqual(12);
  expect(told.at(-1)).toEqual(at(100));
  expect(shown(mine)).toEqual([100]);
});

test("where a spotlight rests is said again and again, a pointer at rest goes by itself", () => {
  const mine = pointing();
  mine.take("spotlight");
  mine.move(VERSION, at(7, "spotlight"));
  vi.advanceTimersByTime(9_000);
  expect(told).toEqual(Array.from({ length: 5 }, () => at(7, "spotlight")));
  mine.take("pointer");
  expect(told.at(-1)).toBeNull();
  vi.advanceTimersByTime(1_000);
  mine.move(VERSION, at(8));
  vi.advanceTimersByTime(6_100);
  expect(told.at(-1)).toBeNull();
  expect(shown(mine)).toEqual(["fading"]);
  vi.advanceTimersByTime(1_000);
  expect(shown(mine)).toEqual([]);
  const words = told.length;
  vi.advanceTimersByTime(10_000);
  expect(told.length).toBe(words);
});

test("another's point stays while it is heard of, fades when it is taken away or not heard of any more", () => {
  const mine = pointing();
  mine.heard(VERSION, "chair", at(3));
  vi.advanceTimersByTime(4_000);
  mine.heard(VERSION, "chair", at(4));
  vi.advanceTimersByTime(4_000);
  expect(shown(mine)).toEqual([4]);
  expect(mine.on(VERSION, 2)).toEqual([]);
  expect(mine.on("v2", 1)).toEqual([]);
  mine.heard(VERSION, "chair", null);
  expect(shown(mine)).toEqual(["fading"]);
  mine.heard(VERSION, "chair", at(5));
  vi.advanceTimersByTime(4_900);
  expect(shown(mine)).toEqual([5]);
  vi.advanceTimersByTime(200);
  expect(shown(mine)).toEqual(["fading"]);
  mine.heard(VERSION, "chair", { kind: "laser" });
  vi.advanceTimersByTime(1_000);
  expect(shown(mine)).toEqual([]);
  expect(told).toEqual([]);
});
