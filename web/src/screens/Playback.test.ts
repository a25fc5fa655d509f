import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { session } from "../state/session.svelte";
import Playback from "./Playback.svelte";

const FOUND = {
  title: "Phiên họp thường kỳ",
  steers: true,
  course: {
    pages: [
      { at: 1_000, paper: "p", version: "v", page: 1, title: "Báo cáo" },
      { at: 21_000, paper: "p", version: "v", page: 2, title: "Báo cáo" },
    ],
    items: [
      { at: 500, item: "i", number: 1, title: "Khai mạc" },
      { at: 40_000, item: "j", number: 2, title: "Tờ trình" },
    ],
    speakers: [],
    votes: [],
    names: { a: "Điểm cầu chính" },
  },
  kept: {
    recorded: {
      stretches: [
        { began_at: 1_000, ended_at: 31_000, why: "paused" },
        { began_at: 39_000, ended_at: 60_000, why: "stopped" },
      ],
      segments: [
        {
          file: "picture-1.webm",
          track: "picture",
          codec: "VP8",
          began_at: 1_000,
          ended_at: 31_000,
          width: 1,
          height: 1,
        },
      ],
      seats: [{ at: 1_000, picture: "a", screen: "" }],
    },
    film: "",
    percent: 0,
    octets: 0,
  },
};
let asked: string[] = [];

beforeEach(() => {
  asked = [];
  session.me = { person: "chair" } as typeof session.me;
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path}`);
    return Promise.resolve(Response.json(FOUND));
  });
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
  vi.spyOn(HTMLMediaElement.prototype, "pause").mockReturnValue();
  vi.spyOn(HTMLMediaElement.prototype, "load").mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("without a network it says so and opens once there is one, and does not speak of who may enter", async () => {
  const answers = globalThis.fetch;
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  render(Playback, { meeting: "m-1" });
  await screen.findByText(/máy này không nối được/);
  expect(screen.queryByText("Không vào được cuộc họp này")).toBeNull();
  vi.stubGlobal("fetch", answers);
  await fireEvent.click(screen.getByRole("button", { name: "Tải lại" }));
  expect(await screen.findByText("Phiên họp thường kỳ")).toBeTruthy();
});

async function opened(): Promise<{ page: () => string; position: () => number }> {
  const { container } = render(Playback, { meeting: "m-1" });
  await screen.findByText("Phiên họp thường kỳ");
  return {
    page: () => container.querySelector("img")?.getAttribute("src") ?? "",
    position: () => container.querySelector<HTMLInputElement>("input[type=range]")!.valueAsNumber,
  };
}

test("the page is the one that was shown, and gaps are told in words", async () => {
  const { page } = await opened();
  expect(page()).toBe("/pages/v/1/1440.webp");
  await fireEvent.keyDown(window, { key: "ArrowRight" });
  await fireEvent.keyDown(window, { key: "ArrowRight" });
  expect(page()).toBe("/pages/v/2/1440.webp");
  expect(screen.getByText(/Không ghi từ .* đến .*: tạm dừng ghi/)).toBeTruthy();
  expect(screen.getByText("Điểm cầu chính")).toBeTruthy();
});

test("keys go on and back, and from item to item", async () => {
  const { position } = await opened();
  await fireEvent.keyDown(window, { key: "n" });
  expect(position()).toBe(31_000);
  await fireEvent.keyDown(window, { key: "p" });
  expect(position()).toBe(0);
  await fireEvent.click(screen.getByText("2. Tờ trình"));
  expect(position()).toBe(31_000);
  await fireEvent.keyDown(window, { key: "ArrowLeft" });
  expect(position()).toBe(21_000);
  await fireEvent.keyDown(window, { key: " " });
  expect(screen.getByLabelText("Tạm dừng phát")).toBeTruthy();
});

test("a film is ordered by those who may", async () => {
  await opened();
  await fireEvent.click(screen.getByText("Tạo phim"));
  expect(asked).toContain("POST /api/meetings/m-1/recording/film");
});
