import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { BLANK } from "../core/meeting";
import { NO_SEATS } from "../core/conferenceseats";
import { row, site } from "../linesexample";
import type { Command, Meeting } from "../wire/types";
import DeskSites from "./DeskSites.svelte";
import { stageWords } from "./picturewords";

const MEETING: Meeting = {
  ...BLANK,
  phase: "open",
  waiting_room: true,
  admitted: ["b"],
  sites: { main: { ...site("main", 1), main: true }, a: site("a", 2), b: site("b", 3) },
  microphones: { b: "open" },
};
const STATUSES = { lines: [row("main"), row("a"), row("b", { camera: "off" })] };

function shown(meeting: Meeting = MEETING): Command[] {
  const sent: Command[] = [];
  const act = (command: Command): Promise<boolean> => Promise.resolve(sent.push(command) > 0);
  render(DeskSites, { open: true, meeting, statuses: STATUSES, act, onclose: () => undefined });
  return sent;
}
const press = (name: string | RegExp) => fireEvent.click(screen.getByRole("button", { name }));

test("who stands at the door comes first and is let in, alone or with the others", async () => {
  const sent = shown();
  const first = screen.getAllByRole("listitem")[0]!;
  expect(first.textContent).toContain("Xã a");
  expect(first.textContent).toContain("Ở phòng chờ");
  await fireEvent.click(within(first).getByRole("button"));
  await press("Cho vào họp: 1 điểm cầu đang chờ");
  expect(sent).toEqual([
    { type: "waiting_room.admit", who: ["a"] },
    { type: "waiting_room.admit", who: ["a"] },
  ]);
});

test("a site is silenced, locked and put on stage, and all of that is taken back", async () => {
  const sent = shown();
  expect(screen.getByText(/Camera tắt · Đang mở/)).toBeTruthy();
  await press("Tắt micrô: Xã b");
  await press("Khóa quyền tự mở micrô: Xã b");
  await press("Đưa lên hình chính: Xã b");
  expect(sent).toEqual([
    { type: "microphone.switch", who: "b", open: false },
    { type: "microphones.lock", locked: true, who: ["b"] },
    { type: "stage.pin", who: "b" },
  ]);
});

test("whom to call at a site stands beside it, with the number", () => {
  shown();
  expect(screen.getAllByText("Trực: Mai Thị Dung · 0230 000 4110")).toHaveLength(3);
});

test("what was locked and pinned is released by the same hand", async () => {
  const sent = shown({ ...MEETING, locked: ["b"], pinned: "b" });
  await press("Trả quyền tự mở micrô: Xã b");
  await press("Thôi giữ hình chính: Xã b");
  await press("Trả quyền tự mở micrô tất cả");
  expect(sent).toEqual([
    { type: "microphones.lock", locked: false, who: ["b"] },
    { type: "stage.pin", who: "" },
    { type: "microphones.lock", locked: false },
  ]);
});

test("all sites show the pictures in one way, and each in its own again", async () => {
  const sent = shown();
  await fireEvent.click(screen.getByLabelText("Lưới đều nhau"));
  await fireEvent.click(screen.getByRole("switch", { name: "Phòng chờ" }));
  await press("Khóa quyền tự mở micrô các điểm cầu");
  expect(sent).toEqual([
    { type: "stage.arrange", layout: "grid" },
    { type: "waiting_room.switch", on: false },
    { type: "microphones.lock", locked: true },
  ]);
});

test("before it is switched on, the waiting room says whom it will send out", () => {
  shown({ ...MEETING, waiting_room: false, phase: "published" });
  expect(screen.getByText(/kể cả điểm cầu đã kết nối/)).toBeTruthy();
  shown({ ...MEETING, waiting_room: false });
  expect(screen.getByText(/các điểm cầu đang họp không bị ảnh hưởng/)).toBeTruthy();
});

test("an empty stage says who should be there and why they are not seen", () => {
  const pinned = { ...MEETING, pinned: "b" };
  expect(stageWords(pinned, STATUSES, NO_SEATS)).toBe("Xã b: Camera tắt");
  expect(stageWords(pinned, { lines: [row("b")] }, NO_SEATS)).toBe("Chưa có hình");
  expect(stageWords(pinned, STATUSES, { ...NO_SEATS, video: ["b"] })).toBe("");
  expect(stageWords(pinned, STATUSES, { ...NO_SEATS, video: ["b"], off: [0] })).toBe("Đường truyền yếu");
});
