import { fireEvent, render, screen } from "@testing-library/svelte";
import { flushSync, mount, unmount } from "svelte";
import { beforeAll, expect, test, vi } from "vitest";
import { meeting } from "../deskexample";
import { Live } from "../standingexample.svelte";
import type { WayIn } from "../core/prepare";
import PrepareWayIn from "./PrepareWayIn.svelte";

// jsdom knows the element and not its methods.
beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});
const way = (code: string): WayIn => ({ code, link: `/dang-nhap#${code}`, qr: "<svg/>" });
const onclose = (): void => undefined;

test("a code that is answered late never stands under another name", async () => {
  let answer: (made: WayIn) => void = () => undefined;
  const slow = new Promise<WayIn>((resolve) => (answer = resolve));
  const { rerender } = render(PrepareWayIn, { name: "Lò Thị Mai", ask: () => slow, onclose });
  await rerender({ name: "Hà Văn Toàn", ask: () => Promise.resolve(way("TOAN")), onclose });
  expect(await screen.findByText("TOAN")).toBeTruthy();
  answer(way("MAI"));
  await slow;
  await Promise.resolve();
  expect([screen.queryByText("MAI"), screen.queryByText("TOAN") !== null]).toEqual([null, true]);
});

test("where the browser does not allow copying, that is said", async () => {
  vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText: () => Promise.reject(new Error("denied")) } });
  render(PrepareWayIn, { name: "Lò Thị Mai", ask: () => Promise.resolve(way("MAI")), onclose });
  await fireEvent.click(await screen.findByRole("button", { name: "Chép đường dẫn" }));
  expect(await screen.findByText(/Trình duyệt không cho chép/)).toBeTruthy();
  vi.unstubAllGlobals();
});

test("a code stays while it is read out and the meeting goes on", async () => {
  const live = new Live(meeting());
  const ask = vi.fn(() => Promise.resolve(way(live.meeting.id)));
  const shown = mount(PrepareWayIn, { target: document.body, props: { name: "Lò Thị Mai", ask, onclose } });
  expect(await screen.findByText("m1")).toBeTruthy();
  flushSync(() => void (live.meeting = meeting()));
  expect(ask).toHaveBeenCalledOnce();
  void unmount(shown);
});
