import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { ballot, meeting, withBallots } from "../deskexample";
import type { Ballot, Command, Meeting } from "../wire/types";
import BallotHeard from "./BallotHeard.svelte";
import BallotPanel from "./BallotPanel.svelte";
import BallotVoid from "./BallotVoid.svelte";
import DeskBallot from "./DeskBallot.svelte";
import DeskCounted from "./DeskCounted.svelte";
import ResultRing from "./ResultRing.svelte";

const electorate = { a: "a", b: "b", c: "c", d: "d", e: "e" };
const nothing = (): void => undefined;
const voted = (change: Partial<Ballot>): Ballot => ballot("v", { electorate, of_all: 5, ...change });
const room = (one: Ballot, change: Partial<Meeting> = {}): Meeting => meeting({ ...withBallots(one), ...change });

function desk(): { sent: Command[]; act: (command: Command) => Promise<boolean> } {
  const sent: Command[] = [];
  return { sent, act: (command) => Promise.resolve(sent.push(command) > 0) };
}

test("names are announced for the ballot for which the chair chose so, and not for the next one", async () => {
  const { sent, act } = desk();
  const told = { tally: { agree: 3, disagree: 1, abstain: 0 }, result: "passed", cast: 4 } as const;
  const tally = { ...told, sheet: null, chosen: null, sealed: "", by_chair: null };
  const closed = (id: string): Ballot => ({ ...voted({ state: "closed", cast: 4 }), id });
  const shows = (one: Ballot) => ({
    ...{ turnout: 4, act, onplan: nothing, oncounted: nothing, ballot: one },
    meeting: room(one, { tallies: { [one.id]: tally } }),
  });
  const { rerender } = render(DeskBallot, shows(closed("v")));
  await fireEvent.click(screen.getByLabelText("Công bố kèm tên từng người"));
  await rerender(shows(closed("w")));
  expect(screen.getByLabelText<HTMLInputElement>("Công bố kèm tên từng người").checked).toBe(false);
  await fireEvent.click(screen.getByRole("button", { name: /^Công bố: thông qua/ }));
  expect(sent).toEqual([{ type: "ballot.announce", ballot: "w", names: false }]);
});

test("a show of hands counts nobody as not having voted: the hall says who may, and what is done", async () => {
  const hands = voted({ state: "open", method: "hands" });
  const { container, rerender } = render(ResultRing, { meeting: room(hands), ballot: hands, turnout: 0 });
  expect(container.querySelector(".middle")?.textContent?.trim()).toMatch(/^5\s+người được biểu quyết$/);
  expect(container.textContent).toContain("Giơ tay theo từng phương án khi chủ trì hỏi.");
  expect(container.textContent).not.toContain("đã bỏ phiếu");
  const closed = { ...hands, state: "closed" as const, cast: 4 };
  await rerender({ meeting: room(closed), ballot: closed, turnout: 0 });
  expect(container.textContent).toContain("4 trên 5 đã bỏ phiếu");
});

test("who may vote by hand is told how, and whoever may not, that they may not", async () => {
  const hands = voted({ state: "open", method: "hands" });
  const props = { meeting: room(hands), ballot: hands, cast: {}, turnout: 0, onvote: () => Promise.resolve() };
  const { rerender } = render(BallotPanel, { ...props, me: "b" });
  expect(screen.getByText("Giơ tay theo từng phương án khi chủ trì hỏi.")).toBeTruthy();
  await rerender({ ...props, me: "g" });
  expect(screen.getByText("Tôi không có phiếu trong lần biểu quyết này.")).toBeTruthy();
});

test("of hands written down by name, all the others agree with one tap", async () => {
  const { sent, act } = desk();
  const hands = voted({ state: "open", method: "hands" });
  render(DeskCounted, { meeting: room(hands), ballot: hands, act, onclose: nothing });
  await fireEvent.click(screen.getByText("Ghi theo tên từng người"));
  await fireEvent.change(screen.getByRole("combobox", { name: "Người c" }), { target: { value: "disagree" } });
  await fireEvent.click(screen.getByRole("button", { name: "4 người còn lại: Tán thành" }));
  await fireEvent.click(screen.getByRole("button", { name: "Đóng biểu quyết: 5/5 người giơ tay" }));
  expect(sent).toMatchObject([{ type: "ballot.record", tally: { agree: 4, disagree: 1, abstain: 0 } }]);
});

test("whoever hears the screen is told that a vote opens, and what came of it", async () => {
  const { rerender } = render(BallotHeard, { meeting: meeting() });
  const heard = screen.getByRole("status");
  expect(heard.textContent).toBe("");
  const told = async (change: Partial<Ballot>): Promise<string | null> => {
    await rerender({ meeting: room(voted(change)) });
    return heard.textContent;
  };
  const asked = "Thông qua dự thảo Quyết định";
  expect(await told({ called_at: 1 })).toBe(`Sắp biểu quyết: ${asked}`);
  expect(await told({ state: "open" })).toBe(`Biểu quyết đang mở: ${asked}`);
  expect(await told({ state: "open", method: "secret" })).toBe(`Đang bỏ phiếu kín: ${asked}`);
  expect(await told({ state: "closed" })).toBe("Đã đóng biểu quyết, chờ công bố kết quả");
  expect(await told({ state: "announced", result: "passed" })).toBe(`Kết quả biểu quyết: Thông qua. ${asked}`);
});

test("what was entered as counted on paper may be voted again on the tablets", async () => {
  const { sent, act } = desk();
  const paper = voted({ state: "announced", method: "paper" });
  render(BallotVoid, { meeting: room(paper), ballot: paper, me: "a", act });
  await fireEvent.click(screen.getByRole("button", { name: "Đề nghị hủy…" }));
  await fireEvent.input(screen.getByLabelText(/Lý do/), { target: { value: "Sai danh sách" } });
  await fireEvent.change(screen.getByLabelText("Cách biểu quyết"), { target: { value: "secret" } });
  await fireEvent.click(screen.getByRole("button", { name: "Gửi đề nghị hủy" }));
  const asked = { type: "ballot.ask_void", ballot: "v", reason: "Sai danh sách", again: true };
  expect(sent).toEqual([{ ...asked, method: "secret" }]);
});

test("a second factor that was set up while the desk was open is asked for at once", async () => {
  const planned = ballot("v", { method: "secret" });
  const proved: string[] = [];
  const props = { meeting: room(planned), ballot: planned, turnout: 0, onplan: nothing, oncounted: nothing };
  const onprove = (code: string): Promise<null> => Promise.resolve((proved.push(code), null));
  const { rerender } = render(DeskBallot, { ...props, act: refused });
  async function refused(): Promise<boolean> {
    await rerender({ ...props, act: () => Promise.resolve(true), onprove });
    return false;
  }
  await fireEvent.click(screen.getByRole("button", { name: "Mở biểu quyết cho 5 người có mặt" }));
  await fireEvent.input(await screen.findByLabelText(/Mã/), { target: { value: "123456" } });
  await fireEvent.click(screen.getByRole("button", { name: "Xác thực và mở" }));
  expect(proved).toEqual(["123456"]);
});
