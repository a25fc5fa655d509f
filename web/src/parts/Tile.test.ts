import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, expect, test, vi } from "vitest";
import Tile from "./Tile.svelte";

beforeEach(() => {
  // jsdom plays nothing.
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
});

test("until the first picture comes it is said that one is on its way; never a black square without a word", async () => {
  const { container } = render(Tile, { stream: null, label: "Hình đang phát biểu" });
  const video = container.querySelector("video") as HTMLVideoElement;
  expect(screen.getByText("Đang nối hình và tiếng")).toBeTruthy();
  await fireEvent(video, new Event("loadeddata"));
  expect(screen.queryByText("Đang nối hình và tiếng")).toBeNull();
  await fireEvent(video, new Event("emptied"));
  expect(screen.getByText("Đang nối hình và tiếng")).toBeTruthy();
});

test("what is known better is said instead", () => {
  render(Tile, { stream: null, label: "Hình gửi đi", empty: "Camera tắt" });
  expect(screen.getByText("Camera tắt")).toBeTruthy();
  expect(screen.queryByText("Đang nối hình và tiếng")).toBeNull();
});
