import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { ballot, meeting, withBallots } from "../deskexample";
import type { MeetingState } from "../state/meeting.svelte";
import type { RoomState } from "../state/room.svelte";
import type { Meeting } from "../wire/types";
import ChairDeskFoot from "./ChairDeskFoot.svelte";

function foot(now: Meeting, wide = true): void {
  const standing = { meeting: now, statuses: {}, roles: new Set(["chair"]) } as unknown as MeetingState;
  const room = {
    standing,
    opinions: {
      ...{ book: { opinions: {}, amendments: {} }, comments: [] },
      ...{ follow: () => undefined, watchComments: () => () => undefined },
    },
  } as unknown as RoomState;
  render(ChairDeskFoot, { standing, room, narrow: false, tight: false, wide });
}

test.each([
  ["draft", 0],
  ["published", 1],
  ["open", 1],
  ["closed", 0],
] as const)("in a meeting that is %s a notice can be given by %i button", (phase, count) => {
  foot(meeting({ phase }));
  expect(screen.queryAllByRole("button", { name: "Thông báo tới các điểm cầu" })).toHaveLength(count);
});

test.each([
  ["draft", "Cuộc họp chưa phát hành", 0],
  ["published", "Tắt micrô các điểm cầu", 1],
  ["closed", "Đã bế mạc", 0],
] as const)(
  "in a meeting that is %s microphones say “%s”, and acting is granted by %i",
  async (phase, words, count) => {
    foot(meeting({ phase }));
    expect(screen.getByRole("button", { name: words })).toBeTruthy();
    await fireEvent.click(screen.getByRole("button", { name: "Thêm" }));
    expect(screen.queryAllByRole("menuitem", { name: "Giao thư ký điều hành thay" })).toHaveLength(count);
  },
);

test("while a vote is open neither a break nor the closing can be confirmed, and the button says why", async () => {
  foot(meeting(withBallots(ballot("v", { state: "open", electorate: { a: "a" } }))));
  await fireEvent.click(screen.getByRole("button", { name: "Kết thúc cuộc họp…" }));
  const why = screen.getByRole("button", { name: "Đóng biểu quyết trước" });
  expect(why.getAttribute("aria-disabled")).toBe("true");
});

test("where nobody sits elsewhere no sites are spoken of, and a council session names its chair as it does", async () => {
  const known = meeting();
  const main = known.sites["tinh"]!;
  foot({ ...known, sites: { tinh: main }, rules: { ...known.rules, presiding: "chủ tọa" } });
  for (const name of ["Tắt micrô mọi người", "Thông báo tới mọi người"])
    expect(screen.getByRole("button", { name })).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Thêm" }));
  await fireEvent.click(screen.getByRole("menuitem", { name: "Trao quyền chủ tọa" }));
  expect(screen.getByText("Chọn người làm chủ tọa tiếp theo trong số những người có mặt.")).toBeTruthy();
});

test.each([
  ["published", 0],
  ["open", 1],
  ["break", 1],
  ["closed", 0],
] as const)("in a meeting that is %s the system can be stopped by %i button", (phase, count) => {
  foot(meeting({ phase }));
  expect(screen.queryAllByRole("button", { name: "Chuyển sang nội dung mật" })).toHaveLength(count);
});

test("on a tablet the way to stop the system stands in the menu, so that the foot stays one row", async () => {
  foot(meeting({ phase: "open" }), false);
  expect(screen.queryByRole("button", { name: "Chuyển sang nội dung mật" })).toBeNull();
  await fireEvent.click(screen.getByRole("button", { name: "Thêm" }));
  expect(screen.getByRole("menuitem", { name: "Chuyển sang nội dung mật: dừng hệ thống" })).toBeTruthy();
});
