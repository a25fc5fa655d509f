import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HINT_MS, Hinting } from "./hinting";

let told: (number | null)[];
let hinting: Hinting<number>;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  hinting = new Hinting((value) => told.push(value));
});
afterEach(() => vi.useRealTimers());

test("the first is told at once, the newest of the others when its time has come", () => {
  for (const value of [1, 2, 3]) hinting.put(value);
  expect(told).toEqual([1]);
  vi.advanceTimersByTime(HINT_MS);
  expect(told).toEqual([1, 3]);
});

test("a pen that rests has told where it rests", () => {
  hinting.put(1);
  vi.advanceTimersByTime(HINT_MS - 1);
  hinting.put(2);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([1, 2]);
  vi.advanceTimersByTime(10 * HINT_MS);
  expect(told).toEqual([1, 2]);
});

test("at a thousand points a second no more is told than sixty times, and never older than that", () => {
  for (let ms = 0; ms < 1000; ms++) {
    hinting.put(ms);
    expect(ms - (told.at(-1) ?? 0)).toBeLessThanOrEqual(HINT_MS);
    vi.advanceTimersByTime(1);
  }
  expect(told.length).toBeLessThanOrEqual(1000 / HINT_MS + 1);
});

test("sixty times a second each is told at once", () => {
  for (let frame = 1; frame <= 60; frame++) {
    hinting.put(frame);
    expect(told.at(-1)).toBe(frame);
    vi.advanceTimersByTime(1000 / 60);
  }
});

test("the end is told at once and nothing after it; the next line begins at once", () => {
  hinting.put(1);
  hinting.put(2);
  hinting.put(null);
  vi.advanceTimersByTime(10 * HINT_MS);
  expect(told).toEqual([1, null]);
  hinting.put(3);
  expect(told).toEqual([1, null, 3]);
});

test("whoever goes away tells nothing more", () => {
  hinting.put(1);
  hinting.put(2);
  hinting.stop();
  vi.advanceTimersByTime(10 * HINT_MS);
  expect(told).toEqual([1]);
});
