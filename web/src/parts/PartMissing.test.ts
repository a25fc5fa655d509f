import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { missing, watchParts } from "../state/missing.svelte";
import PartMissing from "./PartMissing.svelte";

afterEach(() => {
  vi.unstubAllGlobals();
  missing.part = false;
});

/** A part fails to load, with and without a line to the house. */
async function fails(isThere: boolean): Promise<void> {
  const answered = isThere ? Promise.resolve(new Response()) : Promise.reject(new TypeError("Failed to fetch"));
  vi.stubGlobal("fetch", () => answered);
  dispatchEvent(new Event("vite:preloadError"));
  await answered.catch(() => undefined);
  await Promise.resolve();
}

test("a part that the house has no more is missing; without a line it may still come", async () => {
  const unwatch = watchParts();
  await fails(false);
  expect(missing.part).toBe(false);
  await fails(true);
  await expect.poll(() => missing.part).toBe(true);
  unwatch();
});

test("that a part is missing is said, and nothing is loaded anew before somebody says so", async () => {
  const done: string[] = [];
  render(PartMissing, { onreload: () => done.push("reload"), onlater: () => done.push("later") });
  expect(screen.getByRole("status").textContent).toContain("Gửi hoặc lưu nội dung đang soạn rồi tải lại trang.");
  expect(done).toEqual([]);
  await fireEvent.click(screen.getByRole("button", { name: "Để sau" }));
  await fireEvent.click(screen.getByRole("button", { name: "Tải lại" }));
  expect(done).toEqual(["later", "reload"]);
});
