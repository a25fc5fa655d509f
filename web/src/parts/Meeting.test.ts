import { render, screen } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { ballot, item, meeting } from "../deskexample";
import Clock from "./Clock.svelte";
import MeetingHeader from "./MeetingHeader.svelte";
import ResultRingRows from "./ResultRingRows.svelte";

describe("the header of a meeting", () => {
  const props = { offset: 0, following: 27, connected: 29, of: "sites" as const };

  test("says how many follow, and nothing of it while the line is lost: nobody knows it then", async () => {
    const { rerender } = render(MeetingHeader, { ...props, meeting: meeting(), step: "fine" });
    expect(screen.getByText("27/29 điểm cầu đang theo")).toBeTruthy();
    await rerender({ ...props, meeting: meeting(), step: "reconnecting" });
    expect(screen.getByText("27/29 điểm cầu đang theo")).toBeTruthy();
    await rerender({ ...props, meeting: meeting({ phase: "closed" }), step: "fine" });
    expect(screen.queryByText("27/29 điểm cầu đang theo")).toBeNull();
    await rerender({ ...props, meeting: meeting(), step: "lost" });
    expect(screen.queryByText("27/29 điểm cầu đang theo")).toBeNull();
  });

  test("says of an internal meeting that it is one", async () => {
    const { rerender } = render(MeetingHeader, { ...props, meeting: meeting(), step: "fine" });
    expect(screen.queryByText("Họp nội bộ")).toBeNull();
    await rerender({ ...props, meeting: meeting({ internal: true }), step: "fine" });
    expect(screen.getByText("Họp nội bộ")).toBeTruthy();
  });

  test("lets a long title stand smaller, so that it is not cut", async () => {
    const long =
      "Dự thảo Quyết định quy định mức hỗ trợ di dời dân cư ra khỏi vùng có nguy cơ cao xảy ra lũ quét, sạt lở đất";
    const titled = (title: string) => meeting({ items: [item("i2", { state: "current", title })] });
    const { rerender } = render(MeetingHeader, { ...props, meeting: titled("Khai mạc"), step: "fine" });
    expect(screen.getByRole("heading").className).not.toMatch(/long/);
    await rerender({ ...props, meeting: titled(long), step: "fine" });
    expect(screen.getByRole("heading").className).toMatch(/long/);
  });
});

describe("a result in a hall", () => {
  const electorate = { a: "a", b: "b", c: "c" };
  const announced = { state: "announced" as const, electorate, cast: 2, tally: { agree: 2 } };

  test("says in words what the ticks without a colour are: silent, or not there", () => {
    render(ResultRingRows, { ballot: ballot("v", { ...announced, of_all: 5 }) });
    expect(screen.getByText("Chưa bỏ phiếu").textContent).toBe("Chưa bỏ phiếu 1");
    expect(screen.getByText("Vắng khi biểu quyết").textContent).toBe("Vắng khi biểu quyết 2");
  });

  test("says how many papers were invalid, so that all of it adds up", () => {
    const sheet = { issued: 3, returned: 3, invalid: 1 };
    render(ResultRingRows, { ballot: ballot("v", { ...announced, method: "paper", cast: 3, of_all: 5, sheet }) });
    expect(screen.getByText("Phiếu không hợp lệ").textContent).toBe("Phiếu không hợp lệ 1");
  });

  test("says nothing of those away when only those present count", () => {
    render(ResultRingRows, { ballot: ballot("v", { ...announced, cast: 3, basis: "present", of_all: 5 }) });
    expect(screen.queryByText(/Chưa bỏ phiếu|Vắng/)).toBeNull();
  });
});

test("a clock under another leaves its width to the figures: over time is said below them", () => {
  const { container } = render(Clock, { until: Date.now() - 65_000, total: 420_000, stacked: true });
  expect(container.querySelector(".figures")?.textContent).not.toMatch(/quá giờ/);
  expect(container.querySelector("small")?.textContent?.trim()).toBe("quá giờ / 7 phút");
});
