import { expect, test } from "vitest";
import { entryAt, outlineFrom } from "./outline";

const entries = [1, 4, 4, 9].map((page) => ({ level: 1, title: `Từ trang ${page}`, page }));

test("a page belongs to the last line that begins on it or before it", () => {
  expect([1, 3, 4, 8, 20].map((page) => entryAt(entries, page))).toEqual([0, 0, 2, 2, 3]);
  expect(entryAt(entries.slice(1), 1)).toBe(-1);
});

test("an answer that says something else is no table of contents", () => {
  expect(outlineFrom({ entries })).toEqual(entries);
  for (const raw of [null, {}, [], { entries: "x" }]) expect(outlineFrom(raw)).toEqual([]);
});
