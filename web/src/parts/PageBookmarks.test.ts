import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import type { Bookmark } from "../core/marks";
import PageBookmarks from "./PageBookmarks.svelte";
import PageOutline from "./PageOutline.svelte";
import Thumbnails from "./Thumbnails.svelte";

const bookmark = (page: number, text = "", more: Partial<Bookmark> = {}): Bookmark => ({
  kind: "bookmark",
  id: `b-${page}`,
  page,
  text,
  layer: "mine",
  by: "a",
  at: page,
  ...more,
});

function shown(bookmarks: readonly Bookmark[], page = 5): unknown[] {
  const done: unknown[] = [];
  render(PageBookmarks, {
    bookmarks,
    page,
    onpage: (to: number) => void done.push(["page", to]),
    onkeep: (of: number, text: string, instead?: Bookmark) => void done.push(["keep", of, text, instead?.id]),
    onremove: ({ id }: Bookmark) => void done.push(["remove", id]),
  });
  return done;
}

test("the page that is open is marked with one tap, with a short name or none", async () => {
  const done = shown([]);
  expect(screen.getByText("Chưa đánh dấu trang nào.")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Đánh dấu trang 5" }));
  await fireEvent.input(screen.getByLabelText("Tên ngắn (không bắt buộc)"), { target: { value: " Biểu số 3 " } });
  await fireEvent.click(screen.getByRole("button", { name: "Đánh dấu trang 5" }));
  expect(done).toEqual([
    ["keep", 5, "", undefined],
    ["keep", 5, "Biểu số 3", undefined],
  ]);
});

test("a tap on a bookmark takes there; it gets another name, and is taken out", async () => {
  const done = shown([bookmark(2, "Kết luận"), bookmark(5)]);
  expect(screen.getByText("Trang 5 đã được đánh dấu.")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: /Kết luận/ }));
  await fireEvent.click(screen.getByRole("button", { name: "Sửa tên dấu trang 2" }));
  const name = screen.getByLabelText<HTMLInputElement>("Tên ngắn (không bắt buộc)");
  expect(name.value).toBe("Kết luận");
  await fireEvent.input(name, { target: { value: "Kiến nghị" } });
  await fireEvent.submit(name.closest("form")!);
  await fireEvent.click(screen.getByRole("button", { name: "Bỏ dấu trang 5" }));
  expect(done).toEqual([
    ["page", 2],
    ["keep", 2, "Kiến nghị", "b-2"],
    ["remove", "b-5"],
  ]);
});

test("a bookmark whose page says something else in the new version says so", () => {
  shown([bookmark(3, "", { origin: { version: "v", page: 3, how: "vanished" } })]);
  expect(screen.getByText("Nội dung của trang này không còn trong bản mới")).toBeTruthy();
});

test("a line of the table of contents takes to its page, and it is shown where I am", async () => {
  const pages: number[] = [];
  const entries = [
    { level: 1, title: "Phần thứ nhất", page: 1 },
    { level: 2, title: "Tình hình", page: 4 },
    { level: 1, title: "Phần thứ hai", page: 9 },
  ];
  render(PageOutline, { entries, page: 6, onpage: (page: number) => void pages.push(page) });
  expect(screen.getByRole("button", { current: true }).textContent).toContain("Tình hình");
  await fireEvent.click(screen.getByRole("button", { name: /Phần thứ hai/ }));
  expect(pages).toEqual([9]);
});

test("among the small pages it is seen and said which are marked", () => {
  const paper = { width: 595, height: 842 };
  render(Thumbnails, { version: "v", pages: 3, page: 1, paper, bookmarked: new Set([2]), onpage: () => undefined });
  expect(screen.getByRole("button", { name: "Trang 2, đã đánh dấu" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Trang 3" })).toBeTruthy();
});
