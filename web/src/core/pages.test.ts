import { expect, test } from "vitest";
import { clampPage, imageUrl, sharpWidth, textUrl } from "./pages";
import { type Word, folded, search } from "./pagestext";

test("addresses name version, page and width", () => {
  expect(imageUrl({ version: "v1", page: 7 }, 1440)).toBe("/pages/v1/7/1440.webp");
  expect(textUrl({ version: "v1", page: 7 })).toBe("/pages/v1/7/text.json");
});

test("the image is the smallest that is sharp on the screen", () => {
  expect(sharpWidth(400, 1)).toBe(480);
  expect(sharpWidth(728, 1)).toBe(960);
  expect(sharpWidth(728, 2)).toBe(1440);
  expect(sharpWidth(5000, 3)).toBe(2880);
});

test("a page number stays inside the paper", () => {
  expect([clampPage(0, 24), clampPage(30, 24), clampPage(7, 24), clampPage(3, 0)]).toEqual([1, 24, 7, 1]);
});

const words: Word[] = "Điều 2. Mức hỗ trợ: hỗ trợ di dời (hỗ trợ hoàn thiện)"
  .split(" ")
  .map((text) => [0, 0, 1, 1, text]);

test("a query without marks finds words with marks", () => {
  expect(search(words, "muc ho tro")).toEqual([{ first: 2, last: 4 }]);
  expect(search(words, "ho tro")).toHaveLength(3);
  expect(search(words, "dieu")).toEqual([{ first: 0, last: 0 }]);
});

test("a query with marks finds only those, typed in either Unicode form", () => {
  expect(search(words, "hỗ trợ".normalize("NFD"))).toHaveLength(3);
  expect(search(words, "hồ trợ")).toEqual([]);
});

test("the last word may be unfinished, an empty query finds nothing", () => {
  expect(search(words, "hoàn thi")).toEqual([{ first: 11, last: 12 }]);
  expect(search(words, "  ")).toEqual([]);
});

test("folding takes đ and all marks away", () => {
  expect(folded("Đồng Nai – Ủy ban")).toBe("dong nai – uy ban");
});
