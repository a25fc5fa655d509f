import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import { meeting } from "../deskexample";
import type { MeetingState } from "../state/meeting.svelte";
import ChairDeskRecording from "./ChairDeskRecording.svelte";

test("what was refused last time is not said again when the recording is asked about anew", async () => {
  const command = () => Promise.resolve({ ok: false, code: "phase.break", details: {}, now: 0, version: 0 });
  const standing = { meeting: meeting(), statuses: {}, command, problem: null } as unknown as MeetingState;
  const props = { standing, onclose: () => undefined };
  const { rerender } = render(ChairDeskRecording, { ...props, open: true });
  await fireEvent.click(screen.getByRole("button", { name: "Bắt đầu ghi" }));
  expect(await screen.findByRole("alert")).toBeTruthy();
  await rerender({ ...props, open: false });
  await rerender({ ...props, open: true });
  expect(screen.queryByRole("alert")).toBeNull();
});

test("an internal meeting is not recorded: nothing can be begun, and it is said why", async () => {
  const command = vi.fn();
  const standing = { meeting: meeting({ internal: true }), statuses: {}, command } as unknown as MeetingState;
  render(ChairDeskRecording, { standing, open: true, onclose: () => undefined });
  const begin = screen.getByRole("button", { name: "Họp nội bộ không được ghi âm, ghi hình." });
  expect(begin.getAttribute("aria-disabled")).toBe("true");
  await fireEvent.click(begin);
  expect(command).not.toHaveBeenCalled();
});
