import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeAll, expect, test, vi } from "vitest";
import { meeting, request } from "../deskexample";
import { type MeetingState, rolesOf } from "../state/meeting.svelte";
import type { Command, Meeting } from "../wire/types";
import RoomAsk from "./RoomAsk.svelte";
import RoomFloor from "./RoomFloor.svelte";

beforeAll(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

function standing(now: Meeting, sent: Command[] = []): MeetingState {
  const own = { me: "b", member: now.members["b"], roles: rolesOf(now, "b") };
  const command = (one: Command) => Promise.resolve({ ok: sent.push(one) > 0, now: 0 });
  return { meeting: now, ...own, line: { step: "fine" }, command } as unknown as MeetingState;
}
const nothing = (): void => undefined;

test("a closed register is told before anything is written, and takes a point of order", async () => {
  const sent: Command[] = [];
  const closed = standing(meeting({ requests: [], requests_closed: true }), sent);
  render(RoomFloor, { standing: closed, onask: nothing });
  expect(screen.queryByRole("button", { name: "Đăng ký phát biểu" })).toBeNull();
  expect(screen.getByRole("button", { name: "Gửi ý kiến về trình tự" })).toBeTruthy();
  render(RoomAsk, { standing: closed, open: true, onclose: nothing });
  expect(screen.getByText("Danh sách đăng ký đã khóa: chỉ gửi được ý kiến về trình tự.")).toBeTruthy();
  expect(screen.queryByLabelText("Hình thức")).toBeNull();
  await fireEvent.click(screen.getByRole("button", { name: "Gửi đăng ký" }));
  expect(sent[0]).toMatchObject({ type: "floor.request", kind: "order" });
});

test("a register that is closed while somebody writes makes no point of order of it by itself", async () => {
  const sent: Command[] = [];
  const { rerender } = render(RoomAsk, { standing: standing(meeting(), sent), open: true, onclose: nothing });
  await rerender({ standing: standing(meeting({ requests_closed: true }), sent) });
  await fireEvent.click(screen.getByRole("button", { name: /^Danh sách vừa khóa/ }));
  expect(sent).toEqual([]);
  await fireEvent.change(screen.getByLabelText("Hình thức"), { target: { value: "order" } });
  await fireEvent.click(screen.getByRole("button", { name: "Gửi đăng ký" }));
  expect(sent[0]).toMatchObject({ type: "floor.request", kind: "order" });
});

test("who has registered finds the focus beside the button that took the place of the one they pressed", async () => {
  const { rerender } = render(RoomFloor, { standing: standing(meeting()), onask: nothing });
  screen.getByRole("button", { name: "Đăng ký phát biểu" }).focus();
  await rerender({ standing: standing(meeting({ requests: [request("b", 1)] })) });
  const place = screen.getByRole("button", { name: /^Rút đăng ký/ }).parentElement;
  await vi.waitFor(() => expect(document.activeElement).toBe(place));
});

test("an open register asks in which way", () => {
  const open = standing(meeting({ requests: [] }));
  render(RoomFloor, { standing: open, onask: nothing });
  expect(screen.getByRole("button", { name: "Đăng ký phát biểu" })).toBeTruthy();
  render(RoomAsk, { standing: open, open: true, onclose: nothing });
  expect(screen.getByLabelText("Hình thức")).toBeTruthy();
});
