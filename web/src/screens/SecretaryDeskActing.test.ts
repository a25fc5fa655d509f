import { fireEvent, render, screen } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { expect, test } from "vitest";
import { ballot, item, meeting, withBallots } from "../deskexample";
import { type MeetingState, rolesOf } from "../state/meeting.svelte";
import { Live } from "../standingexample.svelte";
import type { Command } from "../wire/types";
import SecretaryDeskActing from "./SecretaryDeskActing.svelte";

test("a vote that is being worded stays when the controls are taken back", async () => {
  const at = (controlling: string) =>
    meeting({ phase: "open", controlling, items: [item("i2", { state: "current" })] });
  const live = new Live(at("b"));
  const standing = {
    id: "m1",
    me: "b",
    statuses: {},
    line: { step: "fine" },
    get meeting() {
      return live.meeting;
    },
    get roles() {
      return rolesOf(live.meeting, "b");
    },
    get member() {
      return live.meeting.members["b"];
    },
    now: () => 1,
  } as unknown as MeetingState;
  render(SecretaryDeskActing, { standing, offset: 0 });
  await fireEvent.click(screen.getByRole("button", { name: /^Thêm biểu quyết/ }));
  await fireEvent.input(screen.getByLabelText("Nội dung biểu quyết"), { target: { value: "Thông qua mức 60" } });
  flushSync(() => void (live.meeting = at("")));
  expect(screen.getByLabelText<HTMLInputElement>("Nội dung biểu quyết").value).toBe("Thông qua mức 60");
  await fireEvent.click(screen.getByRole("button", { name: "Thôi" }));
  expect(screen.queryByLabelText("Nội dung biểu quyết")).toBeNull();
});

test("a secretary who acts for the chair goes on only once the vote is closed", async () => {
  const sent: Command[] = [];
  const command = (one: Command): Promise<{ ok: boolean }> => Promise.resolve({ ok: sent.push(one) > 0 });
  const now = meeting(withBallots(ballot("v", { state: "open", electorate: { b: "b" } })));
  const known = {
    meeting: now,
    roles: new Set(["secretary", "acting"]),
    me: "z",
    statuses: {},
    votes: {},
    casting: {},
  };
  const standing = { ...known, now: () => 0, command, act: () => Promise.resolve(true) } as unknown as MeetingState;
  const { rerender } = render(SecretaryDeskActing, { standing, offset: 0 });
  await fireEvent.click(screen.getByRole("button", { name: "Đóng biểu quyết trước" }));
  expect(sent).toEqual([]);
  await rerender({ standing: { ...standing, meeting: meeting() } as unknown as MeetingState, offset: 0 });
  await fireEvent.click(screen.getByRole("button", { name: /^Sang nội dung/ }));
  expect(sent).toEqual([{ type: "item.start", item: "i3" }]);
});
