import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { missing, watchParts } from "../state/missing.svelte";
import PartMissing from "./PartMissing.svelte";

test("a part that does not load is said, and nothing is loaded anew before somebody says so", async () => {
  const unwatch = watchParts();
  expect(missing.part).toBe(false);
  dispatchEvent(new Event("vite:preloadError"));
  expect(missing.part).toBe(true);
  const done: string[] = [];
  render(PartMissing, { onreload: () => done.push("reload"), onlater: () => done.push("later") });
  expect(screen.getByRole("status").textContent).toContain("Gửi hoặc lưu nội dung đang soạn rồi tải lại trang.");
  expect(done).toEqual([]);
  await fireEvent.click(screen.getByRole("button", { name: "Để sau" }));
  await fireEvent.click(screen.getByRole("button", { name: "Tải lại" }));
  expect(done).toEqual(["later", "reload"]);
  unwatch();
  missing.part = false;
  dispatchEvent(new Event("vite:preloadError"));
  expect(missing.part).toBe(false);
});
