import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import { ballot, meeting, withBallots } from "../deskexample";
import DeskOrders from "../parts/DeskOrders.svelte";
import type { MeetingState, Role } from "../state/meeting.svelte";
import type { Command } from "../wire/types";
import Stopped from "./Stopped.svelte";

const AT = Date.UTC(2026, 9, 15, 2, 12);

function shows(...roles: Role[]): Command[] {
  const sent: Command[] = [];
  const command = (one: Command): Promise<unknown> => Promise.resolve(void sent.push(one));
  const now = meeting({ phase: "break", stopped: AT, title: "Phiên họp thường kỳ" });
  const standing = { meeting: now, roles: new Set(roles), problem: null, command } as unknown as MeetingState;
  render(Stopped, { standing });
  return sent;
}

test("every screen says that the system is stopped, since when, and that devices are to be put away", () => {
  shows("delegate");
  expect(screen.getByRole("heading", { name: "Hệ thống đã dừng" })).toBeTruthy();
  expect(screen.getByText(/Dừng từ 09:12/)).toBeTruthy();
  expect(screen.getByText(/tắt hoặc cất các thiết bị/)).toBeTruthy();
  expect(screen.queryByText(/Phiên họp thường kỳ/)).toBeNull();
  expect(screen.queryByRole("button")).toBeNull();
});

test.each([["chair"], ["acting"], ["controlling"]] as const)("the %s opens it again with one tap", async (role) => {
  const sent = shows(role);
  await fireEvent.click(screen.getByRole("button", { name: "Mở lại hệ thống" }));
  expect(sent).toEqual([{ type: "meeting.resume" }]);
});

test("the deputy finds the way to the controls from here", () => {
  shows("deputy");
  expect(screen.getByRole("link", { name: "Nhận điều khiển" }).getAttribute("href")).toBe("/chu-toa/m1");
});

test("before it is stopped the desk is told what will happen; an open ballot does not stand in the way", async () => {
  const act = vi.fn(() => Promise.resolve(true));
  const now = meeting();
  const { rerender } = render(DeskOrders, { meeting: now, order: "stop", act, onclose: () => undefined });
  expect(screen.getByText("Nhật ký và biên bản chỉ ghi giờ dừng và giờ mở lại.")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Dừng hệ thống" }));
  expect(act).toHaveBeenCalledWith({ type: "system.stop" });
  act.mockClear();
  const voting = { ...now, ...withBallots(ballot("b", { state: "open" })) };
  await rerender({ meeting: voting, order: "stop", act, onclose: () => undefined });
  await fireEvent.click(screen.getByRole("button", { name: "Dừng hệ thống" }));
  expect(act).toHaveBeenCalledWith({ type: "system.stop" });
});
