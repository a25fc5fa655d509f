import { fireEvent, render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { flushSync } from "svelte";
import { beforeAll, expect, test, vi } from "vitest";
import type { LineAlarm } from "../core/lines";
import { siteLines, troubles } from "../core/lines";
import { BLANK } from "../core/meeting";
import type { TrendPoint } from "../core/trend";
import { alarm, row, site } from "../linesexample";
import type { LinesState } from "../state/lines.svelte";
import type { Meeting } from "../wire/types";
import TechnicianAlarms from "./TechnicianAlarms.svelte";
import TechnicianChecklist from "./TechnicianChecklist.svelte";
import TechnicianFoot from "./TechnicianFoot.svelte";
import TechnicianRoom from "./TechnicianRoom.svelte";
import TechnicianSite from "./TechnicianSite.svelte";
import TechnicianSites from "./TechnicianSites.svelte";
import TechnicianSpark from "./TechnicianSpark.svelte";

beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
});

const NOW = Date.UTC(2026, 10, 22, 2, 47);
const rings = (kind: LineAlarm["kind"], severity: number, value = 0): LineAlarm =>
  alarm(kind, severity, NOW - 40_000, value);
const MEETING: Meeting = {
  ...BLANK,
  id: "m",
  phase: "open",
  sites: { a: site("a", 1), b: site("b", 2), c: site("c", 3) },
};
const LINES = siteLines(MEETING, [
  row("a", { open: true, alarms: [rings("silent", 2)] }),
  row("b", { state: "lost", alarms: [rings("lost", 3)], dropped_at: NOW - 40_000, drops: 1 }),
  row("c", { state: "weak", up_loss: 62, alarms: [rings("loss", 2, 62)] }),
]);

function board(meeting = MEETING): LinesState {
  const does = vi.fn(async () => true);
  const acts = { audioOnly: does, reconnect: does, mute: does, muteAll: does, sound: does };
  return {
    ...acts,
    standing: { meeting, statuses: {}, now: () => NOW, act: does },
    trend: {},
    tests: {},
    checklist: {},
  } as unknown as LinesState;
}

test("an alarm says what is wrong, for how long, and whom to call; its filled button is what helps first", () => {
  render(TechnicianAlarms, {
    troubles: troubles(LINES),
    board: board(),
    now: NOW,
    onchoose: () => undefined,
    ondone: async () => undefined,
  });
  const cards = screen.getAllByRole("article").map((one) => one.textContent?.replace(/\s+/g, " ") ?? "");
  expect(cards).toHaveLength(3);
  expect(cards[0]).toContain("Mất kết nối từ 9 giờ 46 (40 giây)");
  expect(cards[1]).toContain("Micrô bật, 40 giây không có tiếng");
  expect(cards[2]).toContain("Mất gói 6,2% trong 40 giây");
  expect(cards[0]).toContain("Trực: Mai Thị Dung · 0230 000 4110");
  const filled = screen.getAllByRole("button").filter((one) => one.className.includes("main"));
  expect(filled.map((one) => one.textContent?.trim())).toEqual(["Gọi điện", "Gọi điện", "Chỉ truyền tiếng"]);
});

test("whoever calls for help is answered from the board", () => {
  const calls = {
    k: {
      id: "k",
      by: "a",
      kind: "technician" as const,
      note: "Mất tiếng",
      at: NOW - 60_000,
      answered_by: "",
      answered_at: 0,
    },
  };
  const known = board({ ...MEETING, calls });
  render(TechnicianAlarms, {
    troubles: [],
    board: known,
    now: NOW,
    onchoose: () => undefined,
    ondone: async () => undefined,
  });
  expect(screen.getByText(/Mất tiếng/)).toBeTruthy();
  screen.getByRole("button", { name: /Xã a/ }).click();
  expect(known.standing.act).toHaveBeenCalledWith({ type: "call.answer", call: "k" });
});

test("a line that broke twice within seconds of a long meeting is drawn", () => {
  const states = ["good", "again", "lost", "again", "good", "good"] as const;
  const trend = states.map((state, at): TrendPoint => [NOW - 60_000 + at * 2_000, at < 4 ? 0 : 60, 0, state, 0]);
  const { container } = render(TechnicianSpark, { trend, span: { from: NOW - 4 * 3_600_000, to: NOW } });
  expect(container.querySelectorAll(".gap")).toHaveLength(3);
  expect(container.querySelectorAll(".loss")).toHaveLength(2);
});

test("a row says the state in a word and its figures, and nothing of a line that is not there", () => {
  render(TechnicianSites, { lines: LINES, board: board(), now: NOW, onchoose: () => undefined });
  const rows = screen.getAllByRole("listitem").map((one) => one.textContent?.replace(/\s+/g, " ") ?? "");
  expect(rows[0]).toContain("Tốt");
  expect(rows[0]).toContain("0,2%");
  expect(rows[0]).toContain("Đang có hình");
  expect(rows[1]).toContain("Mất");
  expect(rows[1]).toContain("rớt 9 giờ 46");
  expect(rows[1]).not.toContain("Mb/s 2");
  expect(rows[2]).toContain("6,2%");
});

test("when the meeting is over the board still says how each line fared, and offers nothing to mend", async () => {
  const closed = { ...MEETING, phase: "closed" as const, periods: [{ began_at: NOW - 3_600_000, ended_at: NOW }] };
  const trend: TrendPoint[] = [
    [NOW - 3_000_000, 60, 900_000, "good", 20],
    [NOW - 2_000_000, 0, 0, "lost", 0],
    [NOW - 1_000_000, 5, 2_000_000, "good", 420],
  ];
  const known = Object.assign(board(closed), { registry: {}, trend: { a: trend } });
  const lines = siteLines(closed, []);
  render(TechnicianSites, { lines, board: known, now: NOW + 9e9, onchoose: () => undefined });
  expect(screen.getAllByText("Họp xong")).toHaveLength(3);
  const shown = { line: lines[0] ?? null, board: known, meeting: closed, now: NOW + 9e9 };
  render(TechnicianSite, { ...shown, ondone: async () => undefined, onclose: () => undefined });
  const named = (name: string): HTMLElement => screen.getByRole("img", { name, hidden: true });
  expect(named("Mất gói: Cao nhất 6,0% lúc 8 giờ 57").querySelectorAll("rect.loss")).toHaveLength(1);
  expect(named("Độ trễ: Cao nhất 420 ms lúc 9 giờ 30").querySelector("path")?.getAttribute("d")).toContain("M");
  expect(named("Mức gửi lên: Thấp nhất 0,9 Mb/s lúc 8 giờ 57").querySelectorAll("rect.gap")).toHaveLength(1);
  expect(screen.queryByRole("button", { name: "Kết nối lại", hidden: true })).toBeNull();
  const dialog = document.querySelector("dialog[open]") as HTMLElement;
  expect((await axe.run(dialog)).violations).toEqual([]);
});

test("the test sound is offered before the opening, and afterwards the button says why not", () => {
  const ondone = vi.fn(async () => undefined);
  const { unmount } = render(TechnicianFoot, { meeting: MEETING, board: board(), oncheck: () => undefined, ondone });
  screen.getByRole("button", { name: "Tiếng thử: trước khai mạc" }).click();
  flushSync();
  expect(ondone).not.toHaveBeenCalled();
  unmount();
  const before = { ...MEETING, phase: "published" as const };
  render(TechnicianFoot, { meeting: before, board: board(before), oncheck: () => undefined, ondone });
  screen.getByRole("button", { name: "Phát tiếng thử tất cả" }).click();
  flushSync();
  expect(ondone).toHaveBeenCalledOnce();
});

test("the checklist of the main room says who looked and when, and takes a note with what is wrong", async () => {
  const tick = vi.fn(async () => true);
  const known = {
    ...board(),
    tick,
    inspect: async () => ({ recording: [{ level: "bad", words: { vi: "Không đủ chỗ", en: "Too little room" } }] }),
    checklist: { camera: { item: "camera", state: "good", note: "", by: "k", name: "Hoàng Gia Khánh", at: NOW } },
  } as unknown as LinesState;
  render(TechnicianChecklist, { board: known, meeting: MEETING, open: true, onclose: () => undefined });
  expect(await screen.findByText("Hoàng Gia Khánh, 9 giờ 47")).toBeTruthy();
  expect(await screen.findByText("Không đủ chỗ")).toBeTruthy();
  expect(screen.getByText(/Chưa thử \(3\)/)).toBeTruthy();
  await fireEvent.input(screen.getByLabelText("Ghi chú: Màn hình hội trường và tường điểm cầu"), {
    target: { value: "màn hình 2 tối" },
  });
  await fireEvent.click(
    screen.getByRole("button", { name: "Chưa đạt: Màn hình hội trường và tường điểm cầu", hidden: true }),
  );
  expect(tick).toHaveBeenCalledWith("screens", "bad", "màn hình 2 tối");
});

test("when the meeting is over the checklist is read and not changed", async () => {
  const known = { ...board(), inspect: async () => null } as unknown as LinesState;
  const meeting = { ...MEETING, phase: "closed" as const };
  render(TechnicianChecklist, { board: known, meeting, open: true, onclose: () => undefined });
  expect(await screen.findByText(/Cuộc họp đã kết thúc/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Đạt/, hidden: true })).toBeNull();
});

test("the chair's notice stands on the technician's desk as well, for as long as it is to stand", async () => {
  vi.useFakeTimers({ now: NOW });
  const told = (notice: string, notice_until = 0): { board: LinesState; meeting: Meeting } => {
    const now = { ...MEETING, notice, notice_until };
    const standing = { ...board(now).standing, me: "k", roles: new Set(), line: { step: "fine" }, offset: 0 };
    return { board: { ...board(now), standing, lines: [] } as unknown as LinesState, meeting: now };
  };
  const words = "Tạm nghỉ 15 phút, các điểm cầu giữ kết nối";
  const { rerender } = render(TechnicianRoom, told(words, NOW + 60_000));
  expect(screen.getByText(words).closest('[role="status"]')).toBeTruthy();
  await vi.advanceTimersByTimeAsync(61_000);
  expect(screen.queryByText(words)).toBeNull();
  await rerender(told(words));
  expect(screen.getByText(words)).toBeTruthy();
  await rerender(told(""));
  expect(screen.queryByText(words)).toBeNull();
  vi.useRealTimers();
});
