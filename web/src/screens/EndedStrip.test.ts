import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import ConnectionLamp from "../parts/ConnectionLamp.svelte";
import { place } from "../place.svelte";
import EndedStrip from "./EndedStrip.svelte";

const ended = (reason: string) => ({ step: "ended", since: null, reason }) as const;

test("a session that ended is not called a lost line, and the way back is through the door", async () => {
  render(ConnectionLamp, { step: "ended" });
  expect(screen.getByRole("status").textContent).toContain("Phiên đã kết thúc");
  render(EndedStrip, { line: ended("signed_out") });
  await fireEvent.click(screen.getByRole("button", { name: "Đăng nhập lại" }));
  expect(place.path).toBe("/dang-nhap");
});

test("whose invitation was revoked is offered no way back; of a line that is there nothing is said", () => {
  const { container } = render(EndedStrip, { line: ended("revoked") });
  expect(screen.queryAllByRole("button")).toEqual([]);
  expect(container.textContent).toContain("đã được thu hồi");
  expect(render(EndedStrip, { line: { step: "lost", since: 1, reason: "" } }).container.textContent).toBe("");
});
