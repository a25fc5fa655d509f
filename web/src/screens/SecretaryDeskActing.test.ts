import { fireEvent, render, screen } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { expect, test } from "vitest";
import { item, meeting } from "../deskexample";
import { type MeetingState, rolesOf } from "../state/meeting.svelte";
import { Live } from "../standingexample.svelte";
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
