import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import SiteWarnings from "./SiteWarnings.svelte";

const fine = { silent: false, echo: false, microphone: "", camera: "", accept: vi.fn() };

test("a room in order is told nothing", () => {
  render(SiteWarnings, { watch: fine });
  expect(screen.getByRole("status").textContent?.trim()).toBe("");
});

test("each trouble is a sentence of its own", () => {
  render(SiteWarnings, { watch: { ...fine, silent: true, echo: true } });
  expect(screen.getByText(/Micrô không có tín hiệu/)).toBeTruthy();
  expect(screen.getByText(/Có tiếng vọng/)).toBeTruthy();
});

test("a silent microphone is said once: not here while it stands beside the microphone", () => {
  render(SiteWarnings, { watch: { ...fine, silent: true, echo: true }, said: true });
  expect(screen.queryByText(/Micrô không có tín hiệu/)).toBeNull();
  expect(screen.getByText(/Có tiếng vọng/)).toBeTruthy();
});

test("another device is named, and may be said to be the right one", async () => {
  render(SiteWarnings, { watch: { ...fine, microphone: "Micrô máy tính" } });
  expect(screen.getByText("Thiết bị đã đổi: đang dùng Micrô máy tính.")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Đúng thiết bị này" }));
  expect(fine.accept).toHaveBeenCalledOnce();
});
