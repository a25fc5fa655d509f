import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeAll, expect, test } from "vitest";
import { ballot, meeting, member, request, speech, withBallots, withMembers } from "../deskexample";
import type { Command, Meeting, Member } from "../wire/types";
import { evenWords, ruleWords } from "./ballotwords";
import AttendanceList from "./AttendanceList.svelte";
import CallHelp from "./CallHelp.svelte";
import CallList from "./CallList.svelte";
import BallotPanel from "./BallotPanel.svelte";
import DeskBallot from "./DeskBallot.svelte";
import DeskConfirm from "./DeskConfirm.svelte";
import DeskCounted from "./DeskCounted.svelte";
import DeskEnter from "./DeskEnter.svelte";
import DeskQueue from "./DeskQueue.svelte";
import PrepareGuestItems from "./PrepareGuestItems.svelte";

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
  const props = { turnout: 4, act, onplan: nothing, oncounted: nothing };
  const planned = ballot("v");
  const { rerender } = render(DeskBallot, { ...props, meeting: meeting(withBallots(planned)), ballot: planned });
  expect(screen.getByText("Thông qua khi quá nửa tổng số thành viên tán thành (từ 3/5)")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Mở biểu quyết cho 5 người có mặt" }));

  const open = ballot("v", { state: "open", electorate, of_all: 5 });
  await rerender({ ...props, meeting: meeting(withBallots(open)), ballot: open });
  await fireEvent.click(screen.getByRole("button", { name: "Đóng biểu quyết: 4/5 đã bỏ phiếu" }));

  const closed = { ...open, state: "closed" as const, cast: 4 };
  const tallies = {
    v: {
      tally: { agree: 3, disagree: 1, abstain: 0 },
      result: "passed" as const,
      cast: 4,
      sheet: null,
      chosen: null,
      sealed: "",
      by_chair: null,
    },
  };
  await rerender({ ...props, meeting: meeting({ ...withBallots(closed), tallies }), ballot: closed });
  await fireEvent.click(screen.getByLabelText("Công bố kèm tên từng người"));
  await fireEvent.click(screen.getByRole("button", { name: "Công bố: thông qua, 3/5 tán thành" }));
  expect(sent).toEqual([
    { type: "ballot.open", ballot: "v" },
    { type: "ballot.close", ballot: "v" },
    { type: "ballot.announce", ballot: "v", names: true },
  ]);
});

test("the rule of a vote is said in the words of its meeting type", () => {
  const committee = meeting();
  const rules = { ...committee.rules, members: "thành viên Ủy ban nhân dân" };
  expect(ruleWords({ ...committee, rules }, ballot("v"), 29)).toBe(
    "Thông qua khi quá nửa tổng số thành viên Ủy ban nhân dân tán thành (từ 15/29)",
  );
  const conference = ballot("v", { basis: "present", majority_of: 2, majority_per: 3 });
  expect(ruleWords(committee, conference, 30)).toBe("Thông qua khi quá 2/3 số thành viên có mặt tán thành (từ 21/30)");
});

test("a result says when it was even and the chair decided, what the tellers counted, and who entered it for whom", () => {
  const entered = { by: "b", at: Date.UTC(2026, 10, 21, 3, 5), order_of: "a", taken_at: 0, reason: "" };
  const sheet = { issued: 5, returned: 5, invalid: 1 };
  const electorate = { a: "a", b: "b", c: "c", d: "d", e: "e" };
  const tally = { agree: 2, disagree: 2, abstain: 0 };
  const told = ballot("v", { method: "paper", state: "announced", result: "passed", of_all: 5, electorate, cast: 5 });
  render(DeskBallot, {
    meeting: meeting(withBallots({ ...told, tally, entered, sheet, by_chair: "agree" })),
    ballot: { ...told, tally, entered, sheet, by_chair: "agree" },
    turnout: 0,
    act: () => Promise.resolve(true),
    onplan: nothing,
    oncounted: nothing,
  });
  for (const words of [
    "Tán thành và không tán thành ngang nhau: kết quả theo ý kiến của chủ trì",
    "Phiếu phát ra 5 · thu về 5 · không hợp lệ 1",
    "Người b nhập lúc 10:05 theo lệnh của Người a",
  ])
    expect(screen.getByText(words)).toBeTruthy();
});

test("an even vote says what the chair chose, or that they did not vote; the desk knows it before it is announced", () => {
  const even = { agree: 2, disagree: 2, abstain: 1 };
  const words = (by_chair: string | null): string => evenWords(meeting(), ballot("v", { by_chair }), even);
  const start = "Tán thành và không tán thành ngang nhau";
  expect([words("disagree"), words("abstain"), words(""), words(null)]).toEqual([
    `${start}: kết quả theo ý kiến của chủ trì`,
    `${start}: chủ trì chọn “Không biểu quyết”`,
    `${start}: chủ trì không bỏ phiếu`,
    start,
  ]);
  const tallies = {
    v: { tally: even, result: "rejected", cast: 5, sheet: null, chosen: null, sealed: "", by_chair: "" },
  };
  expect(evenWords(meeting({ tallies: tallies as Meeting["tallies"] }), ballot("v"), even)).toBe(words(""));
});

test("while somebody speaks a ballot cannot be opened, and the button says why", async () => {
  const { sent, act } = desk();
  const speaking = speech("b", { item: "i2" });
  const planned = ballot("v");
  const standing = meeting({ ...withBallots(planned), speaking });
  render(DeskBallot, { meeting: standing, ballot: planned, turnout: 0, act, onplan: nothing, oncounted: nothing });
  await fireEvent.click(screen.getByRole("button", { name: "Kết thúc phát biểu rồi mở biểu quyết" }));
  expect(sent).toEqual([]);
});

test("the register invites by name, offers the quiet ones first, and hides the buttons with a reason", async () => {
  const { sent, act } = desk();
  const standing = meeting({
    requests: [request("b", 1, { topic: "Quỹ đất" }), request("c", 2)],
    spoken: { b: 240_000 },
  });
  const props = {
    meeting: standing,
    act,
    onother: nothing,
    onfigures: nothing,
  };
  const { rerender } = render(DeskQueue, props);
  expect(
    [screen.getByText("Đã nói 4 phút"), screen.getByText("Chưa phát biểu"), screen.getByText("Quỹ đất")].length,
  ).toBe(3);
  await fireEvent.click(screen.getByRole("button", { name: "Ưu tiên người ít phát biểu" }));
  expect(screen.getAllByRole("listitem")[0]?.textContent).toContain("Người c");
  await fireEvent.click(screen.getByRole("button", { name: "Mời Người c phát biểu" }));
  await fireEvent.click(screen.getByRole("button", { name: "Xếp hàng theo thứ tự này" }));
  expect(sent).toEqual([{ type: "floor.invite", person: "c", request: "r2" }, { type: "floor.quiet_first" }]);
  await rerender({ ...props, reason: "Đang biểu quyết" });
  expect(screen.queryByRole("button", { name: /^Mời Người/ })).toBeNull();
});

test("hands are entered with their sum in the button, and more hands than voters are refused here already", async () => {
  const { sent, act } = desk();
  const hands = ballot("h", { method: "hands", state: "open", of_all: 5, electorate: { a: "a", b: "b", c: "c" } });
  render(DeskCounted, { meeting: meeting(), ballot: hands, act, onclose: nothing });
  await fireEvent.input(screen.getByLabelText("Tán thành"), { target: { value: "4" } });
  expect(screen.getByRole("alert").textContent).toBe(
    "Tổng số nhập vào là 4, lớn hơn 3 người được biểu quyết. Kiểm tra lại số đếm.",
  );
  await fireEvent.click(screen.getByRole("button", { name: "Số liệu chưa khớp" }));
  expect(sent).toEqual([]);
  await fireEvent.input(screen.getByLabelText("Tán thành"), { target: { value: "2" } });
  await fireEvent.input(screen.getByLabelText("Không tán thành"), { target: { value: "1" } });
  await fireEvent.click(screen.getByRole("button", { name: "Đóng biểu quyết: 3/3 người giơ tay" }));
  const tally = { agree: 2, disagree: 1, abstain: 0 };
  expect(sent).toEqual([{ type: "ballot.record", ballot: "h", tally, chair_choice: "" }]);
});

test("while papers are counted in the hall nobody is told that none of them has voted", () => {
  const electorate = { a: "a", b: "b", c: "c" };
  const counted = ballot("v", { state: "open", method: "paper", electorate });
  const props = {
    meeting: meeting(withBallots(counted)),
    me: "b",
    cast: {},
    turnout: 0,
    onvote: async () => undefined,
  };
  const { unmount } = render(BallotPanel, { ...props, ballot: counted });
  expect(screen.getByText("Biểu quyết bằng phiếu giấy")).toBeTruthy();
  expect(screen.queryByText(/đã bỏ phiếu/)).toBeNull();
  unmount();
  render(BallotPanel, { ...props, ballot: { ...counted, method: "open" } });
  expect(screen.getByText("0/3 đã bỏ phiếu")).toBeTruthy();
});

test("a vote on paper is entered from the tellers' sheet, and the chair is asked where for and against are even", async () => {
  const { sent, act } = desk();
  const electorate = { a: "a", b: "b", c: "c" };
  const paper = ballot("p", { method: "paper", state: "open", of_all: 5, electorate });
  render(DeskCounted, { meeting: meeting(), ballot: paper, act, onclose: nothing });
  // Closing a vote cannot be taken back: nothing typed is no count of nought.
  expect(screen.getByRole("button", { name: "Nhập số đã đếm" }).getAttribute("aria-disabled")).toBe("true");
  const type = async (label: string, value: string): Promise<void> => {
    await fireEvent.input(screen.getByLabelText(label), { target: { value } });
  };
  await type("Số phiếu phát ra", "3");
  await type("Số phiếu thu về", "3");
  await type("Tán thành", "1");
  expect(screen.getByRole("alert").textContent).toBe(
    "Số phiếu theo các phương án (1) cộng phiếu không hợp lệ (0) không bằng số phiếu thu về (3). " +
      "Kiểm tra lại biên bản kiểm phiếu.",
  );
  await type("Không tán thành", "1");
  await type("Phiếu không hợp lệ", "1");
  const chair = screen.getByLabelText("Chủ trì biểu quyết");
  await fireEvent.change(chair, { target: { value: "agree" } });
  await fireEvent.click(screen.getByRole("button", { name: "Đóng biểu quyết: thu về 3/3 phiếu" }));
  const papers = { issued: 3, returned: 3, invalid: 1 };
  const tally = { agree: 1, disagree: 1, abstain: 0 };
  expect(sent).toEqual([{ type: "ballot.record", ballot: "p", tally, chair_choice: "agree", ...papers }]);
});

test("a vote taken while the system was away is entered with when and why, as many as the attendance allows", async () => {
  const { sent, act } = desk();
  const planned = ballot("v");
  const at = Date.UTC(2026, 10, 21, 2, 30);
  render(DeskEnter, { meeting: meeting(), ballot: planned, now: () => at, act, onclose: nothing });
  const type = async (label: string, value: string): Promise<void> => {
    await fireEvent.input(screen.getByLabelText(label), { target: { value } });
  };
  expect(screen.getByText("Được biểu quyết theo điểm danh: 5 người.")).toBeTruthy();
  for (const [label, value] of [
    ["Giờ biểu quyết", "09:12"],
    ["Số phiếu phát ra", "5"],
    ["Số phiếu thu về", "5"],
    ["Tán thành", "4"],
    ["Không tán thành", "1"],
  ] as const)
    await type(label, value);
  await fireEvent.click(screen.getByRole("button", { name: "Nhập lý do" }));
  expect(sent).toEqual([]);
  await type("Lý do nhập sau", "Mất điện");
  await fireEvent.click(screen.getByRole("button", { name: "Nhập kết quả: 5/5 người" }));
  expect(sent).toEqual([
    {
      type: "ballot.enter",
      ballot: "v",
      method: "paper",
      tally: { agree: 4, disagree: 1, abstain: 0 },
      taken_at: Date.UTC(2026, 10, 21, 2, 12),
      reason: "Mất điện",
      chair_choice: "",
      issued: 5,
      returned: 5,
      invalid: 0,
    },
  ]);
});

test("whoever enters a vote while one is open on the tablets is told that those votes do not count", async () => {
  const { act } = desk();
  const open = ballot("v", { state: "open", electorate: { a: "a", b: "b" }, of_all: 5 });
  const props = { meeting: meeting(withBallots(open)), ballot: open, now: () => Date.now(), act, onclose: nothing };
  const { rerender } = render(DeskEnter, { ...props, cast: 0 });
  expect(screen.queryByText(/đã bỏ trên máy/)).toBeNull();
  await rerender({ ...props, cast: 2 });
  expect(screen.getByText("2 phiếu đã bỏ trên máy không được tính; chỉ tính số phiếu nhập ở đây.")).toBeTruthy();
});

test("a vote that is taken again says so beside how it is taken", () => {
  const again = ballot("v", { method: "paper", repeats: "u" });
  const props = { turnout: 0, act: desk().act, onplan: nothing, oncounted: nothing };
  render(DeskBallot, { ...props, meeting: meeting(withBallots(again)), ballot: again });
  expect(screen.getByText("Biểu quyết bằng phiếu giấy · Biểu quyết lại")).toBeTruthy();
});

test("who calls sees whether somebody has heard; who helps answers by name", async () => {
  const { sent, act } = desk();
  const { rerender } = render(CallHelp, { meeting: meeting(), me: "b", act });
  await fireEvent.input(screen.getByLabelText("Cần gì"), { target: { value: "Mất tiếng" } });
  await fireEvent.click(screen.getByRole("button", { name: "Gọi kỹ thuật" }));
  const call = { id: "k", by: "b", kind: "technician", note: "Mất tiếng", at: Date.UTC(2026, 10, 21, 2) } as const;
  const made = { ...call, answered_by: "", answered_at: 0 };
  await rerender({ meeting: meeting({ calls: { k: made } }), me: "b", act });
  expect(screen.getByText(/^Đã gọi kỹ thuật lúc 09:00, chờ nhận/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Gọi kỹ thuật" })).toBeNull();
  render(CallList, { meeting: meeting({ calls: { k: made } }), now: () => call.at + 120_000, act });
  expect(screen.getByText("chờ 2 phút")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Đã nhận lời gọi của Người b" }));
  expect(sent).toEqual([
    { type: "call.make", kind: "technician", note: "Mất tiếng" },
    { type: "call.answer", call: "k" },
  ]);
});

test("a guest is invited to chosen items, and not to none of them", async () => {
  const { sent, act } = desk();
  const guest = member("khach", { roles: ["guest"], mandate: false });
  render(PrepareGuestItems, { meeting: meeting(), guest, act, onclose: nothing });
  await fireEvent.click(screen.getByLabelText("Chỉ các nội dung được chọn"));
  expect(screen.getByRole("button", { name: "Chọn ít nhất một nội dung" })).toBeTruthy();
  await fireEvent.click(screen.getByLabelText("2. Nội dung i2"));
  await fireEvent.click(screen.getByRole("button", { name: "Lưu" }));
  expect(sent).toEqual([{ type: "member.limit", person: "khach", items: ["i2"] }]);
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
