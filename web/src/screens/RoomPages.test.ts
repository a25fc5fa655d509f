import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { meeting, paper } from "../deskexample";
import { InkBook } from "../state/ink.svelte";
import type { RoomState } from "../state/room.svelte";
import type { Paper } from "../wire/types";
import RoomPages from "./RoomPages.svelte";

let asked: string[];
beforeAll(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});
beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", async (address: string) => {
    asked.push(address);
    return Response.json({ entries: [{ level: 1, title: "Phần thứ hai", page: 4 }] });
  });
});
afterEach(() => vi.unstubAllGlobals());

function opened(change: Partial<Paper> = {}, internal = false): { readonly book: InkBook; readonly pages: number[] } {
  let ids = 0;
  const book = new InkBook({ by: "a", fresh: () => `id-${ids++}`, now: () => 1, send: () => undefined });
  const read = paper("p", "i1", change);
  const reading = { place: { paper: read, page: 2 }, presented: null, size: { width: 595, height: 842 } };
  const room = { reading, layers: ["mine"], ink: { book: () => book } } as unknown as RoomState;
  const pages: number[] = [];
  const onpage = (page: number): void => void pages.push(page);
  const standing = meeting({ internal, papers: { p: read } });
  render(RoomPages, { room, meeting: standing, open: true, onpage, onclose: () => undefined });
  return { book, pages };
}

test("beside the small pages stand those I marked, and a tap takes there", async () => {
  const { book, pages } = opened();
  book.bookmark(6, "Biểu số 3");
  await fireEvent.click(await screen.findByRole("tab", { name: /Đánh dấu trang/ }));
  await fireEvent.click(screen.getByRole("button", { name: "Đánh dấu trang 2" }));
  expect(book.bookmarks.map(({ page }) => page)).toEqual([2, 6]);
  await fireEvent.click(screen.getByRole("button", { name: /Biểu số 3/ }));
  expect(pages).toEqual([6]);
});

test("a paper with a table of contents shows it, and a tap takes there", async () => {
  const { pages } = opened();
  await fireEvent.click(await screen.findByRole("tab", { name: "Mục lục" }));
  await fireEvent.click(screen.getByRole("button", { name: /Phần thứ hai/ }));
  expect(pages).toEqual([4]);
  expect(asked).toEqual(["/pages/version-p/outline.json"]);
});

test.each([
  [{ screen_only: true }, false],
  [{}, true],
])("of a paper that is kept back no words are asked for, not even those of its contents", async (change, internal) => {
  opened(change, internal);
  expect(await screen.findByRole("tab", { name: /Đánh dấu trang/ })).toBeTruthy();
  expect(screen.queryByRole("tab", { name: "Mục lục" })).toBeNull();
  expect(asked).toEqual([]);
});
