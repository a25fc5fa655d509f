import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Layer } from "../core/ink";
import { type PenChoice, firstChoice } from "../core/pens";
import Clock from "./Clock.svelte";
import ConnectionLamp from "./ConnectionLamp.svelte";
import FollowSwitch from "./FollowSwitch.svelte";
import PageSearch from "./PageSearch.svelte";
import PenBar from "./PenBar.svelte";
import Ring from "./Ring.svelte";
import StageTime from "./StageTime.svelte";
import Slider from "./Slider.svelte";
import Thumbnails from "./Thumbnails.svelte";

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

test("the clock counts by the server's clock, turns amber at two minutes and counts up in red", async () => {
  const { container } = render(Clock, { until: 1_000_000 + 122_000, offset: 1_000, total: 600_000 });
  const shows = (): string => container.querySelector(".sr")?.textContent ?? "";
  expect([shows(), container.querySelector(".calm") !== null]).toEqual(["02:01", true]);
  await vi.advanceTimersByTimeAsync(1_100);
  expect([shows(), container.querySelector(".soon") !== null]).toEqual(["02:00", true]);
  await vi.advanceTimersByTimeAsync(125_000);
  expect([shows(), container.querySelector(".over") !== null]).toEqual(["00:05", true]);
  expect(container.textContent).toContain("quá giờ");
});

test("a stopped clock stands still", async () => {
  const { container } = render(Clock, { until: 0, stopped: 222_000 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(container.querySelector(".sr")?.textContent).toBe("03:42");
});

test("the time of day is that of Vietnam, wherever the device thinks it is", () => {
  vi.setSystemTime(Date.parse("2026-11-22T02:47:00Z"));
  const { container } = render(StageTime, { offset: 60_000 });
  expect(container.textContent).toContain("09:48");
});

test("following and alone are chosen by tap or arrow key, and said as a choice of two", async () => {
  const said: boolean[] = [];
  render(FollowSwitch, { following: true, onchange: (on: boolean) => said.push(on) });
  const [follow, alone] = screen.getAllByRole("radio");
  expect([follow?.getAttribute("aria-checked"), alone?.getAttribute("aria-checked")]).toEqual(["true", "false"]);
  await fireEvent.click(screen.getByText("Xem riêng"));
  await fireEvent.keyDown(screen.getByRole("radiogroup"), { key: "ArrowRight" });
  expect(said).toEqual([false, false]);
});

test("without a line the switch says that following rests", () => {
  render(FollowSwitch, { following: true, paused: true, onchange: () => {} });
  expect(screen.getByText("Tạm ngừng theo")).toBeTruthy();
});

test("the page turns when the thumb is let go, not while it slides", async () => {
  const pages: number[] = [];
  render(Slider, { page: 7, pages: 24, presented: 3, following: false, onpage: (page: number) => pages.push(page) });
  const slider = screen.getByRole("slider") as HTMLInputElement;
  await fireEvent.input(slider, { target: { value: "12" } });
  expect(pages).toEqual([]);
  await fireEvent.change(slider, { target: { value: "12" } });
  expect(pages).toEqual([12]);
  expect(slider.getAttribute("aria-valuetext")).toContain("Trình chiếu đang ở trang 3");
});

test("the arrows stop at the first and the last page", async () => {
  const pages: number[] = [];
  render(Slider, { page: 1, pages: 2, following: true, onpage: (page: number) => pages.push(page) });
  await fireEvent.click(screen.getByLabelText("Trang trước"));
  await fireEvent.click(screen.getByLabelText("Trang sau"));
  expect(pages).toEqual([2]);
});

test("thumbnails say which page is open and which carry marks", () => {
  render(Thumbnails, {
    version: "v",
    pages: 3,
    page: 2,
    paper: { width: 595, height: 842 },
    marked: new Set([3]),
    onpage: () => {},
  });
  expect(screen.getByLabelText("Trang 2").getAttribute("aria-current")).toBe("page");
  expect(screen.getByLabelText("Trang 3, có nét bút")).toBeTruthy();
});

test("the ring draws one tick a seat and reads its words aloud", () => {
  const { container } = render(Ring, { ticks: ["yes", "no", "off"], label: "1 tán thành trên 3" });
  expect([...container.querySelectorAll("path")].map((path) => path.classList[0])).toEqual(["yes", "no", "off"]);
  expect(screen.getByRole("img", { name: "1 tán thành trên 3" })).toBeTruthy();
});

test("the lamp says what happened to the line, in words", async () => {
  const { rerender } = render(ConnectionLamp, { step: "fine", bars: 4 });
  expect(screen.getByRole("status").textContent).toContain("Tốt");
  await rerender({ step: "reconnecting" });
  expect(screen.getByRole("status").textContent).toContain("Đang nối lại");
  await rerender({ step: "lost" });
  expect(screen.getByRole("status").textContent).toContain("Mất mạng");
});

function penbar(changes: Record<string, unknown> = {}) {
  const [pens, layers]: [(PenChoice | null)[], Layer[]] = [[], []];
  render(PenBar, {
    pen: null,
    layer: "mine",
    layers: ["mine", "desk", "all"],
    onpen: (pen: PenChoice | null) => pens.push(pen),
    onlayer: (layer: Layer) => layers.push(layer),
    onpenonly: () => {},
    onundo: () => {},
    onredo: () => {},
    ...changes,
  });
  return { pens, layers };
}

test("a tap takes the pen, private and violet", async () => {
  const { pens } = penbar();
  await fireEvent.click(screen.getByText("Bút"));
  expect(pens).toEqual([{ tool: "pen", colour: "#6e3596", width: 26 }]);
});

test("choosing that everyone sees it takes the violet away: violet is private", async () => {
  const { pens, layers } = penbar({ pen: firstChoice("pen", "mine") });
  await fireEvent.click(screen.getByText("Bút"));
  await fireEvent.click(screen.getByText("Mọi người trong cuộc họp"));
  expect(layers).toEqual(["all"]);
  expect(pens.at(-1)?.colour).toBe("#1b3fa8");
});

test("who sees what is written to the desk is named as this kind of meeting calls them", async () => {
  penbar({ pen: firstChoice("pen", "mine"), presiding: "chủ tọa" });
  await fireEvent.click(screen.getByText("Bút"));
  expect(screen.getByText("Chỉ chủ tọa và thư ký")).toBeTruthy();
});

test("undo without anything to undo does nothing", async () => {
  const undone = vi.fn();
  penbar({ onundo: undone });
  await fireEvent.click(screen.getByText("Hoàn tác"));
  expect(undone).not.toHaveBeenCalled();
});

test("undoing again meets undo again: what can be redone takes its place before it", () => {
  penbar({ canUndo: true, canRedo: true });
  const said = screen.getAllByRole("button").map((button) => button.textContent?.trim());
  expect(said.slice(-2)).toEqual(["Làm lại", "Hoàn tác"]);
});

test("the search field tells the words a moment after the last key, Enter goes on, Escape closes", async () => {
  const [queries, steps]: [string[], number[]] = [[], []];
  const closed = vi.fn();
  render(PageSearch, {
    count: 3,
    at: 0,
    busy: false,
    onquery: (query: string) => queries.push(query),
    onstep: (by: number) => steps.push(by),
    onclose: closed,
  });
  const field = screen.getByRole("searchbox");
  await fireEvent.input(field, { target: { value: "ho" } });
  await fireEvent.input(field, { target: { value: "ho tro" } });
  await vi.advanceTimersByTimeAsync(300);
  expect(queries).toEqual(["ho tro"]);
  expect(screen.getByRole("status").textContent?.trim()).toBe("1 / 3");
  await fireEvent.keyDown(field, { key: "Enter" });
  await fireEvent.keyDown(field, { key: "Enter", shiftKey: true });
  await fireEvent.keyDown(field, { key: "Escape" });
  expect(steps).toEqual([1, -1]);
  expect(closed).toHaveBeenCalledOnce();
});
