import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { ballot, meeting, withBallots } from "../deskexample";
import type { MeetingState } from "../state/meeting.svelte";
import type { Command, Meeting } from "../wire/types";
import ChairDeskAct from "./ChairDeskAct.svelte";

function desk(now: Meeting): { standing: MeetingState; sent: Command[] } {
  const sent: Command[] = [];
  const command = (one: Command): Promise<{ ok: boolean }> => Promise.resolve({ ok: sent.push(one) > 0 });
  const roles = new Set(["chair"]);
  const known = { meeting: now, roles, me: "a", statuses: {}, votes: {}, casting: {}, command };
  return { standing: known as unknown as MeetingState, sent };
}

const electorate = { a: "a", b: "b", c: "c", d: "d", e: "e" };
const cast = { state: "closed", electorate, of_all: 5, cast: 4, closed_at: 5 } as const;
const counted = {
  tally: { agree: 3, disagree: 1 },
  result: "passed",
  cast: 4,
  sheet: null,
  chosen: null,
  by_chair: null,
} as const;
const tallies = { e: { ...counted, sealed: "" }, c: { ...counted, sealed: "" } };

test("a result that another item left unannounced does not stop the next ballot, and can still be announced", async () => {
  const earlier = ballot("e", { ...cast, item: "i1", question: "Thông qua kế hoạch" });
  const { standing, sent } = desk(meeting({ ...withBallots(earlier, ballot("p")), tallies }));
  render(ChairDeskAct, { standing });
  await fireEvent.click(screen.getByRole("button", { name: "Mở biểu quyết cho 5 người có mặt" }));
  await fireEvent.click(
    screen.getByRole("button", { name: "Nội dung 1 còn kết quả chưa công bố: Thông qua kế hoạch" }),
  );
  await fireEvent.click(screen.getByRole("button", { name: "Công bố: thông qua, 3/5 tán thành" }));
  expect(sent).toEqual([
    { type: "ballot.open", ballot: "p" },
    { type: "ballot.announce", ballot: "e", names: false },
  ]);
});

test("beside a result of the item that waits another ballot is planned, or the planned one opened", async () => {
  const closed = ballot("c", cast);
  const { standing } = desk(meeting({ ...withBallots(closed), tallies }));
  const { rerender } = render(ChairDeskAct, { standing });
  await fireEvent.click(screen.getByRole("button", { name: "Thêm biểu quyết khác" }));
  expect(screen.getByRole("dialog")).toBeTruthy();

  const more = desk(meeting({ ...withBallots(closed, ballot("p", { question: "Thông qua phụ lục" })), tallies }));
  await rerender({ standing: more.standing });
  await fireEvent.click(screen.getByRole("button", { name: "Chuyển sang biểu quyết: Thông qua phụ lục" }));
  await fireEvent.click(screen.getByRole("button", { name: "Mở biểu quyết cho 5 người có mặt" }));
  expect(more.sent).toEqual([{ type: "ballot.open", ballot: "p" }]);
});
