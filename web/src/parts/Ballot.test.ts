import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { SvelteMap } from "svelte/reactivity";
import { beforeAll, expect, test } from "vitest";
import { ballot, meeting, withBallots } from "../deskexample";
import type { Ballot, Command } from "../wire/types";
import BallotPanel from "./BallotPanel.svelte";
import BallotReady from "./BallotReady.svelte";
import BallotVoid from "./BallotVoid.svelte";
import DeskBallot from "./DeskBallot.svelte";
import DeskBallotPlan from "./DeskBallotPlan.svelte";
import ResultRing from "./ResultRing.svelte";

beforeAll(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

const CANDIDATES = ["Bà Trịnh Thu Hà", "Ông Hà Văn Toàn", "Ông Trần Đức Vịnh"].map((vi, at) => ({
  key: `c${at + 1}`,
  vi,
  en: vi,
}));
const electorate = { a: "a", b: "b", c: "c", d: "d", e: "e" };
const election = (change: Partial<Ballot> = {}): Ballot =>
  ballot("v", { kind: "election", options: CANDIDATES, places: 2, electorate, of_all: 5, state: "open", ...change });
const nothing = (): void => undefined;

function desk(): { sent: Command[]; act: (command: Command) => Promise<boolean> } {
  const sent: Command[] = [];
  return { sent, act: (command) => Promise.resolve(sent.push(command) > 0) };
}

test("a vote on its way marks its own ballot only", async () => {
  const first = ballot("v1", { state: "open", electorate, of_all: 5 });
  const next = ballot("v2", { state: "open", electorate, of_all: 5 });
  let answer: () => void = nothing;
  const onvote = (): Promise<void> => new Promise((resolve) => (answer = resolve));
  const props = { me: "b", turnout: 0, cast: {}, onvote };
  const now = (one: Ballot) => ({ ...props, meeting: meeting(withBallots(one)), ballot: one });
  const { rerender } = render(BallotPanel, now(first));
  await fireEvent.click(screen.getByRole("radio", { name: "Tán thành" }));
  expect(screen.getByText(/^Đang gửi;/)).toBeTruthy();
  await rerender(now(next));
  expect(screen.queryByText(/^Đang gửi;/)).toBeNull();
  await rerender(now(first));
  answer();
  await waitFor(() => expect(screen.queryByText(/^Đang gửi;/)).toBeNull());
});

test("what is asked about one ballot paper is not answered for the next", async () => {
  const voted: unknown[] = [];
  const secret = (id: string): Ballot => ballot(id, { method: "secret", state: "open", electorate, of_all: 5 });
  const now = (one: Ballot) => ({ meeting: meeting(withBallots(one)), ballot: one, me: "b", turnout: 1, cast: {} });
  const onvote = (...vote: unknown[]): Promise<unknown> => Promise.resolve(voted.push(vote));
  const { rerender } = render(BallotPanel, { ...now(secret("v1")), onvote });
  await fireEvent.click(screen.getByRole("radio", { name: "Không tán thành" }));
  await fireEvent.click(screen.getByRole("button", { name: "Bỏ phiếu kín…" }));
  await rerender({ ...now(secret("v2")), onvote });
  expect(screen.queryByRole("button", { name: "Bỏ phiếu, không đổi nữa" })).toBeNull();
  expect(voted).toEqual([]);
});

test("a secret vote is confirmed once more with its choice, and shows nothing of it afterwards", async () => {
  const voted: [string, string][] = [];
  const secret = ballot("v", { method: "secret", state: "open", electorate, of_all: 5 });
  const props = {
    meeting: meeting(withBallots(secret)),
    ballot: secret,
    me: "b",
    turnout: 1,
    onvote: (mandate: string, choice: string) => Promise.resolve(voted.push([mandate, choice])),
  };
  const { rerender, container } = render(BallotPanel, { ...props, cast: {} });
  await fireEvent.click(screen.getByRole("radio", { name: "Không tán thành" }));
  expect(voted).toEqual([]);
  await fireEvent.click(screen.getByRole("button", { name: "Bỏ phiếu kín…" }));
  expect(screen.getByText("Lựa chọn: Không tán thành")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Bỏ phiếu, không đổi nữa" }));
  expect(voted).toEqual([["b", "disagree"]]);
  await rerender({ ...props, cast: {}, casting: { b: "?" } });
  expect(screen.getByText(/Đang gửi phiếu kín/)).toBeTruthy();
  await rerender({ ...props, cast: { b: "?" }, casting: {} });
  expect(screen.getByText("Đã bỏ phiếu kín")).toBeTruthy();
  expect(screen.queryAllByRole("radio")).toEqual([]);
  expect(container.innerHTML).not.toContain("disagree");
  expect(container.textContent).not.toContain("Không tán thành");
});

test("an election takes as many names as there are places, or none, and is sent as one ballot", async () => {
  const voted: string[] = [];
  const open = election();
  const props = {
    meeting: meeting(withBallots(open)),
    ballot: open,
    me: "b",
    turnout: 0,
    onvote: (_: string, choice: string) => Promise.resolve(voted.push(choice)),
  };
  const { rerender } = render(BallotPanel, { ...props, cast: {} });
  expect(screen.getByText("Bầu 2 người: chọn không quá 2.")).toBeTruthy();
  for (const { vi } of CANDIDATES) await fireEvent.click(screen.getByRole("checkbox", { name: vi }));
  await fireEvent.click(screen.getByRole("button", { name: "Bỏ phiếu: chọn 2" }));
  await rerender({ ...props, cast: { b: "c1,c2" } });
  for (const { vi } of CANDIDATES.slice(0, 2)) await fireEvent.click(screen.getByRole("checkbox", { name: vi }));
  await fireEvent.click(screen.getByRole("button", { name: "Bỏ phiếu trắng" }));
  expect(voted).toEqual(["c1,c2", ""]);
});

test("what is chosen on a ballot paper is still chosen when the tablet is turned", async () => {
  const open = election({ method: "secret" });
  const drafts = new SvelteMap<string, string[]>();
  const props = { meeting: meeting(withBallots(open)), ballot: open, me: "b", turnout: 0, cast: {}, drafts };
  const onvote = async (): Promise<void> => undefined;
  const upright = render(BallotPanel, { ...props, onvote });
  await fireEvent.click(screen.getByRole("checkbox", { name: "Ông Hà Văn Toàn" }));
  upright.unmount();
  render(BallotPanel, { ...props, onvote });
  expect(screen.getByRole("checkbox", { name: "Ông Hà Văn Toàn" }).getAttribute("aria-checked")).toBe("true");
});

test("the result of an election is told by votes, with who was elected and who is even", () => {
  const chosen = { elected: ["c2"], tied: ["c1", "c3"], blank: 1 };
  const told = election({ state: "announced", tally: { c1: 3, c2: 4, c3: 3 }, result: "rejected", chosen, cast: 5 });
  render(BallotPanel, {
    meeting: meeting(),
    ballot: told,
    me: "b",
    cast: {},
    turnout: 5,
    onvote: async () => undefined,
  });
  expect(screen.getAllByRole("rowheader").map((one) => one.textContent?.trim().replace(/\s+/g, " "))).toEqual([
    "Ông Hà Văn Toàn Trúng cử",
    "Bà Trịnh Thu Hà Bằng phiếu",
    "Ông Trần Đức Vịnh Bằng phiếu",
  ]);
  expect(screen.getByText("Trúng cử 1/2")).toBeTruthy();
  expect(screen.getByText(/bầu lại giữa những người này/)).toBeTruthy();
});

test("the desk asks who is ready, sees how many are, and must say so where the quorum is missing", async () => {
  const { sent, act } = desk();
  const planned = ballot("v", { called_at: 7 });
  const standing = meeting(withBallots(planned));
  const few = { ...standing, rules: { ...standing.rules, quorum_of: 9, quorum_per: 8 } };
  render(DeskBallot, { meeting: few, ballot: planned, turnout: 0, ready: 3, act, onplan: nothing, oncounted: nothing });
  expect(screen.getByText("3/5 người sẵn sàng")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Thôi hỏi sẵn sàng" }));
  await fireEvent.click(screen.getByRole("button", { name: "Mở biểu quyết cho 5 người có mặt" }));
  expect(screen.getByText(/Có mặt 5 thành viên, cần 6/)).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Vẫn mở biểu quyết" }));
  expect(sent).toEqual([
    { type: "ballot.call", ballot: "v", calling: false },
    { type: "ballot.open", ballot: "v", without_quorum: true },
  ]);
});

test("before a secret ballot opens the second factor is shown again, and a wrong code opens nothing", async () => {
  const { sent, act } = desk();
  const planned = ballot("v", { method: "secret" });
  const onprove = (code: string): Promise<string | null> => Promise.resolve(code === "123456" ? null : "Mã không đúng");
  const props = { meeting: meeting(), ballot: planned, turnout: 0, act, onplan: nothing, oncounted: nothing, onprove };
  render(DeskBallot, props);
  await fireEvent.click(screen.getByRole("button", { name: "Mở biểu quyết cho 5 người có mặt" }));
  for (const code of ["000000", "123456"]) {
    expect(sent).toEqual([]);
    await fireEvent.input(screen.getByLabelText("Mã xác thực 6 số"), { target: { value: code } });
    await fireEvent.click(screen.getByRole("button", { name: "Xác thực và mở" }));
    await new Promise((resolve) => setTimeout(resolve));
  }
  expect(sent).toEqual([{ type: "ballot.open", ballot: "v" }]);
});

test("whoever may vote says that they are ready, once", async () => {
  const { sent, act } = desk();
  const called = ballot("v", { called_at: 7 });
  render(BallotReady, { meeting: meeting(withBallots(called)), ballot: called, me: "b", act });
  await fireEvent.click(screen.getByRole("button", { name: "Tôi đã sẵn sàng" }));
  await new Promise((resolve) => setTimeout(resolve));
  expect(sent).toEqual([{ type: "ballot.ready", ballot: "v" }]);
  expect(screen.getByText(/Đã báo sẵn sàng/)).toBeTruthy();
});

test("a reason that is being worded is that of its own ballot when the desk turns to another", async () => {
  const { sent, act } = desk();
  const told = ballot("v", { state: "announced" });
  const next = ballot("w", { state: "open", question: "Thông qua chương trình" });
  const props = { meeting: meeting(withBallots(told, next)), me: "b", act };
  const { rerender } = render(BallotVoid, { ...props, ballot: told });
  await fireEvent.click(screen.getByRole("button", { name: "Đề nghị hủy…" }));
  await fireEvent.input(screen.getByLabelText("Lý do"), { target: { value: "Thiếu một đại biểu" } });
  await rerender({ ...props, ballot: next });
  expect(screen.queryByText("Thông qua chương trình")).toBeNull();
  await fireEvent.click(screen.getByRole("button", { name: "Gửi đề nghị hủy" }));
  expect(sent).toMatchObject([{ type: "ballot.ask_void", ballot: "v", reason: "Thiếu một đại biểu" }]);
});

test("one asks for a reason that a ballot be voided, another confirms, and nobody both", async () => {
  const { sent, act } = desk();
  const told = ballot("v", { state: "announced" });
  const { rerender } = render(BallotVoid, { meeting: meeting(withBallots(told)), ballot: told, me: "b", act });
  await fireEvent.click(screen.getByRole("button", { name: "Đề nghị hủy…" }));
  await fireEvent.input(screen.getByLabelText("Lý do"), { target: { value: "Thiếu một đại biểu" } });
  await fireEvent.click(screen.getByRole("button", { name: "Gửi đề nghị hủy" }));
  const asked = {
    by: "b",
    at: Date.UTC(2026, 10, 21, 3),
    reason: "Thiếu một đại biểu",
    again: true,
    method: "",
  } as const;
  const waiting = meeting({ ...withBallots(told), voidings: { v: asked } });
  await rerender({ meeting: waiting, ballot: told, me: "b", act });
  expect(screen.queryByRole("button", { name: "Xác nhận hủy" })).toBeNull();
  await rerender({ meeting: waiting, ballot: told, me: "a", act });
  expect(screen.getByText(/Người b đề nghị hủy lúc 10:00: Thiếu một đại biểu/)).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Xác nhận hủy" }));
  expect(sent).toEqual([
    { type: "ballot.ask_void", ballot: "v", reason: "Thiếu một đại biểu", again: true },
    { type: "ballot.confirm_void", ballot: "v" },
  ]);
});

test("an election is planned with its candidates, one a line, and with how many are to be elected", async () => {
  const { sent, act } = desk();
  const standing = meeting();
  render(DeskBallotPlan, { meeting: standing, item: standing.items[1]!, act, onclose: nothing });
  const question = screen.getByLabelText<HTMLTextAreaElement>("Nội dung biểu quyết");
  expect(question.value).not.toBe("");
  await fireEvent.change(screen.getByLabelText("Loại biểu quyết"), { target: { value: "election" } });
  // What is proposed for a vote on the item asks nobody whom to elect.
  expect(question.value).toBe("");
  await fireEvent.input(question, { target: { value: "Bầu Tổ rà soát" } });
  await fireEvent.input(screen.getByLabelText("Số người được bầu"), { target: { value: "2" } });
  expect(screen.getByRole("button", { name: "Nhập ít nhất 2 dòng" })).toBeTruthy();
  const list = screen.getByLabelText("Danh sách ứng cử, mỗi dòng một người");
  await fireEvent.input(list, { target: { value: "Bà Trịnh Thu Hà\n\n Ông Hà Văn Toàn \n" } });
  await fireEvent.change(screen.getByLabelText("Cách biểu quyết"), { target: { value: "secret" } });
  await fireEvent.click(screen.getByRole("button", { name: "Thêm biểu quyết" }));
  expect(sent[0]).toMatchObject({
    kind: "election",
    question: "Bầu Tổ rà soát",
    options: ["Bà Trịnh Thu Hà", "Ông Hà Văn Toàn"],
    places: 2,
    method: "secret",
  });
});

test("the hall reads an election by votes, and names by option where they were announced", () => {
  const chosen = { elected: ["c2", "c1"], tied: [], blank: 0 };
  const told = election({ state: "announced", tally: { c1: 3, c2: 4, c3: 1 }, result: "passed", chosen, cast: 5 });
  const { unmount } = render(ResultRing, { meeting: meeting(), ballot: told, turnout: 5 });
  expect(screen.getByText("Kết quả bầu cử")).toBeTruthy();
  expect(screen.getByText("Trúng cử 2/2")).toBeTruthy();
  unmount();
  const named = ballot("n", { state: "announced", votes: { b: "agree", a: "agree" }, electorate, of_all: 5, cast: 2 });
  render(ResultRing, { meeting: meeting(), ballot: { ...named, tally: { agree: 2 }, result: "rejected" }, turnout: 2 });
  expect(screen.getByText("Người a, Người b")).toBeTruthy();
});
