import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Meter } from "../core/elsewhere";
import { ballot, item, meeting, paper, withBallots } from "../deskexample";
import type { MeetingState, Names } from "../state/meeting.svelte";
import type { Command, Item, Meeting } from "../wire/types";
import ChairDeskLeft from "./ChairDeskLeft.svelte";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function standing(now: Meeting, sent: Command[]): MeetingState {
  const act = (command: Command): Promise<boolean> => Promise.resolve(sent.push(command) > 0);
  return { meeting: now, meter: null, roles: new Set(["chair"]), act } as unknown as MeetingState;
}

test("the button of the next item does not come to mean another under a finger already on its way", async () => {
  const sent: Command[] = [];
  const opened = meeting({ phase: "open" });
  const [first, second] = opened.items as [Item, Item];
  const waiting = {
    ...opened,
    items: [
      { ...first, state: "waiting" as const },
      { ...second, state: "waiting" as const },
    ],
  };
  const { rerender } = render(ChairDeskLeft, { standing: standing(waiting, sent) });
  await vi.advanceTimersByTimeAsync(1000);

  const begun = { ...waiting, items: [{ ...first, state: "current" as const }, waiting.items[1]!] };
  await rerender({ standing: standing(begun, sent) });
  await fireEvent.click(screen.getByRole("button", { name: /Sang nội dung 2/ }));
  expect(sent).toEqual([]);

  await vi.advanceTimersByTimeAsync(1000);
  await fireEvent.click(screen.getByRole("button", { name: /Sang nội dung 2/ }));
  expect(sent).toEqual([{ type: "item.start", item: second.id }]);
});

test("a tap on how many follow names who does not, and what they read", async () => {
  const now = meeting({ papers: { p: paper("p", "i2") } });
  const meter: Meter = { people: 3, people_following: 1, sites: 2, sites_following: 1 };
  const elsewhere = { c: { paper: "p", page: 4 }, "so-yt": { paper: "", page: 0 } };
  const names: Names = { connected: ["a", "c", "so-yt"], elsewhere };
  const known = { ...standing(now, []), meter, names };
  const { rerender } = render(ChairDeskLeft, { standing: known as unknown as MeetingState });
  await fireEvent.click(screen.getByRole("button", { name: /1\/2 đang theo/ }));
  const rows = (): (string | undefined)[] =>
    [...screen.getByRole("dialog").querySelectorAll("li")].map((row) => row.textContent?.replace(/\s+/g, " ").trim());
  expect(rows()).toEqual([
    "Sở Y tế Không mở tài liệu nào",
    "Người c Giám đốc Sở Tài chính · Sở Y tế Tài liệu p, trang 4",
  ]);
  await rerender({ standing: { ...known, names: { ...names, elsewhere: {} } } as unknown as MeetingState });
  expect(rows()).toEqual(["Mọi người, mọi điểm cầu đã kết nối đều đang theo trình chiếu."]);
});

test("no item is left while a vote is open: every way on says that it must be closed first", async () => {
  const sent: Command[] = [];
  const voting = withBallots(ballot("v", { state: "open", electorate: { a: "a" } }));
  const { rerender } = render(ChairDeskLeft, { standing: standing(meeting(voting), sent) });
  const why = (): HTMLElement[] => screen.getAllByRole("button", { name: "Đóng biểu quyết trước" });
  await vi.advanceTimersByTimeAsync(1000);
  await fireEvent.click(why()[0]!);
  expect(screen.queryByRole("button", { name: /^Hoãn/ })).toBeNull();
  await fireEvent.click(screen.getByRole("button", { name: /Nội dung i3/ }));
  for (const one of why()) await fireEvent.click(one);
  const last = meeting({ ...voting, items: [item("i2", { state: "current" })] });
  await rerender({ standing: standing(last, sent) });
  await fireEvent.click(why()[0]!);
  expect(sent).toEqual([]);
});
