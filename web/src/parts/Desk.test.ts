import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeAll, expect, test } from "vitest";
import { ballot, meeting, member, request, withBallots, withMembers } from "../deskexample";
import type { Command, Member } from "../wire/types";
import AttendanceList from "./AttendanceList.svelte";
import DeskBallot from "./DeskBallot.svelte";
import DeskConfirm from "./DeskConfirm.svelte";
import DeskHands from "./DeskHands.svelte";
import DeskQueue from "./DeskQueue.svelte";

beforeAll(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

function desk(): { sent: Command[]; act: (command: Command) => Promise<boolean> } {
  const sent: Command[] = [];
  return { sent, act: (command) => Promise.resolve(sent.push(command) > 0) };
}
const nothing = (): void => undefined;

test("a ballot is opened, closed with its count in the button, and announced with what carries it", async () => {
  const { sent, act } = desk();
  const electorate = { a: "a", b: "b", c: "c", d: "d", e: "e" };
  const props = { turnout: 4, act, onplan: nothing, onhands: nothing };
  const planned = ballot("v");
  const { rerender } = render(DeskBallot, { ...props, meeting: meeting(withBallots(planned)), ballot: planned });
  expect(screen.getByText("Thông qua khi quá nửa tổng số thành viên tán thành (từ 3/5)")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Mở biểu quyết cho 5 người có mặt" }));

  const open = ballot("v", { state: "open", electorate, of_all: 5 });
  await rerender({ ...props, meeting: meeting(withBallots(open)), ballot: open });
  await fireEvent.click(screen.getByRole("button", { name: "Đóng biểu quyết: 4/5 đã bỏ phiếu" }));

  const closed = { ...open, state: "closed" as const, cast: 4 };
  const tallies = { v: { tally: { agree: 3, disagree: 1, abstain: 0 }, result: "passed" as const, cast: 4, sheet: null } };
  await rerender({ ...props, meeting: meeting({ ...withBallots(closed), tallies }), ballot: closed });
  await fireEvent.click(screen.getByLabelText("Công bố kèm tên từng người"));
  await fireEvent.click(screen.getByRole("button", { name: "Công bố: thông qua, 3/5 tán thành" }));
  expect(sent).toEqual([
    { type: "ballot.open", ballot: "v" },
    { type: "ballot.close", ballot: "v" },
    { type: "ballot.announce", ballot: "v", names: true },
  ]);
});

test("while somebody speaks a ballot cannot be opened, and the button says why", async () => {
  const { sent, act } = desk();
  const speaking = {
    id: "s",
    person: "b",
    item: "i2",
    topic: "",
    began_at: 0,
    allotted: 1,
    invited_by: "a",
    kind: "speech",
  } as const;
  const planned = ballot("v");
  const standing = meeting({ ...withBallots(planned), speaking });
  render(DeskBallot, { meeting: standing, ballot: planned, turnout: 0, act, onplan: nothing, onhands: nothing });
  await fireEvent.click(screen.getByRole("button", { name: "Kết thúc phát biểu rồi mở biểu quyết" }));
  expect(sent).toEqual([]);
});

test("the register invites by name, offers the quiet ones first, and hides the buttons with a reason", async () => {
  const invited: string[] = [];
  const standing = meeting({
    requests: [request("b", 1, { topic: "Quỹ đất" }), request("c", 2)],
    spoken: { b: 240_000 },
  });
  const props = {
    meeting: standing,
    oninvite: (person: string) => Promise.resolve(invited.push(person) > 0),
    onother: nothing,
    onstrike: nothing,
  };
  const { rerender } = render(DeskQueue, props);
  expect(
    [screen.getByText("Đã nói 4 phút"), screen.getByText("Chưa phát biểu"), screen.getByText("Quỹ đất")].length,
  ).toBe(3);
  await fireEvent.click(screen.getByRole("button", { name: "Ưu tiên người ít phát biểu" }));
  expect(screen.getAllByRole("listitem")[0]?.textContent).toContain("Người c");
  await fireEvent.click(screen.getByRole("button", { name: "Mời Người c phát biểu" }));
  expect(invited).toEqual(["c"]);
  await rerender({ ...props, reason: "Đang biểu quyết" });
  expect(screen.queryByRole("button", { name: /^Mời Người/ })).toBeNull();
});

test("hands are entered with their sum in the button, and more hands than voters are refused here already", async () => {
  const { sent, act } = desk();
  const hands = ballot("h", { method: "hands", state: "open", of_all: 5, electorate: { a: "a", b: "b", c: "c" } });
  render(DeskHands, { ballot: hands, act, onclose: nothing });
  await fireEvent.input(screen.getByLabelText("Tán thành"), { target: { value: "4" } });
  expect(screen.getByRole("button", { name: "Tổng số lớn hơn 3 người được biểu quyết" })).toBeTruthy();
  await fireEvent.input(screen.getByLabelText("Tán thành"), { target: { value: "2" } });
  await fireEvent.input(screen.getByLabelText("Không tán thành"), { target: { value: "1" } });
  await fireEvent.click(screen.getByRole("button", { name: "Đóng biểu quyết: 3/3 người giơ tay" }));
  const tally = { agree: 2, disagree: 1, abstain: 0 };
  expect(sent).toEqual([{ type: "ballot.record", ballot: "h", tally, chair_choice: "" }]);
});

test("a confirmation repeats what will happen, and stays open when it was refused", async () => {
  let closed = 0;
  render(DeskConfirm, {
    open: true,
    title: "Kết thúc cuộc họp",
    effects: ["Mọi micrô và trình chiếu dừng"],
    action: "Kết thúc",
    onconfirm: () => Promise.resolve(false),
    onclose: () => (closed += 1),
  });
  expect(screen.getByText("Mọi micrô và trình chiếu dừng")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Kết thúc" }));
  await Promise.resolve();
  expect(closed).toBe(0);
});

test("one tap checks somebody in; who is away shows why", async () => {
  const there: string[] = [];
  const away = {
    state: "absent",
    since: 1,
    late: false,
    excused: true,
    reason: "đi công tác",
    how: "",
    by: "",
  } as const;
  const people = withMembers(
    member("x", { attendance: { ...away, state: "expected", excused: false, reason: "" } }),
    member("y", { attendance: away }),
  );
  render(AttendanceList, {
    meeting: meeting(people),
    onpresent: (one: Member) => Promise.resolve(there.push(one.id) > 0),
    onmore: nothing,
  });
  await fireEvent.click(screen.getByRole("button", { name: "Điểm danh thay: Người x có mặt" }));
  expect(there).toEqual(["x"]);
  expect([screen.getByText("Vắng có lý do"), screen.getByText(/đi công tác/)].length).toBe(2);
  await fireEvent.click(screen.getByRole("button", { name: /^Chưa điểm danh/ }));
  expect(screen.queryByText("Người y")).toBeNull();
});
