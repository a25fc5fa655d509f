import { fireEvent, render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { beforeEach, expect, test, vi } from "vitest";
import { NO_SEATS } from "../core/conferenceseats";
import { ScreenShown } from "../screenexample";
import SharedScreen from "./SharedScreen.svelte";

beforeEach(() => {
  // jsdom plays and paints nothing.
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});

const label = "Màn hình của Người c";
function show(me: string, more: object = {}): ScreenShown {
  const shown = new ScreenShown(me);
  render(SharedScreen, { standing: shown.standing, stream: null, label, draws: true, ...more });
  return shown;
}
/** The picture comes, so large. */
async function comes(width: number, height: number): Promise<void> {
  const video = document.querySelector("video") as HTMLVideoElement;
  Object.defineProperties(video, { videoWidth: { value: width }, videoHeight: { value: height } });
  await fireEvent(video, new Event("resize"));
}

test("whoever presents takes up a pen, an arrow or the pointer, and wipes what may be wiped", async () => {
  const shown = show("b");
  await comes(1280, 720);
  await fireEvent.click(screen.getByRole("button", { name: "Vẽ lên màn hình" }));
  expect(screen.getByRole("button", { name: "Bút" }).getAttribute("aria-pressed")).toBe("true");
  await fireEvent.click(screen.getByRole("button", { name: "Mũi tên" }));
  await fireEvent.click(screen.getByRole("radio", { name: "Vàng" }));
  expect((await axe.run(document.body, { rules: { region: { enabled: false } } })).violations).toEqual([]);
  await fireEvent.click(screen.getByRole("button", { name: "Con trỏ" }));
  const hand = screen.getByRole("application");
  await fireEvent.keyDown(hand, { key: "ArrowRight" });
  expect(shown.hinted.at(-1)?.[0]).toBe("pointer");
  // Nothing of mine is there yet: nothing to wipe.
  expect(screen.getByRole("button", { name: "Xóa nét của tôi" }).getAttribute("aria-disabled")).toBe("true");
  await fireEvent.click(screen.getByRole("button", { name: "Thôi vẽ" }));
  expect(screen.queryByRole("toolbar")).toBeNull();
});

test("whoever shares the screen has the pen in hand where they draw on it, and may wipe everything", async () => {
  show("c", { takesUp: true });
  await comes(1280, 720);
  expect(screen.getByRole("button", { name: "Bút" }).getAttribute("aria-pressed")).toBe("true");
  expect(screen.getByRole("button", { name: "Xóa hết" })).toBeTruthy();
});

test("why the screen is not seen is said by the line it comes by: a desk has one beside its person's tablet", () => {
  show("d", { draws: false, seats: { ...NO_SEATS, dark: [0] } });
  expect(screen.getByText("Thiết bị này không giải mã được hình")).toBeTruthy();
});

test("a delegate and a screen that nobody touches are offered no pen", () => {
  show("d");
  expect(screen.queryByRole("button")).toBeNull();
  document.body.replaceChildren();
  show("a", { draws: false });
  expect(screen.queryByRole("button")).toBeNull();
});
