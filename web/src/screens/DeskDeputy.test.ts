import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { ballot, meeting, member, site, withBallots, withMembers } from "../deskexample";
import { type MeetingState, rolesOf } from "../state/meeting.svelte";
import type { RoomState } from "../state/room.svelte";
import type { Meeting } from "../wire/types";
import DeskSeats from "./DeskSeats.svelte";
import SecretaryDeskFoot from "./SecretaryDeskFoot.svelte";
import SecretaryDeskRight from "./SecretaryDeskRight.svelte";

const expected = { state: "expected", since: 0, late: false, excused: false, reason: "", how: "", by: "" } as const;
const people = withMembers(
  member("a", { name: "Chủ tọa" }),
  member("b", { name: "Phó", seat: "2" }),
  member("c", { name: "Thư ký", roles: ["secretary"] }),
  member("d", { name: "Chưa đến", seat: "1", attendance: expected }),
);
const branch = { tinh: site("tinh", { main: true }), xa: site("xa", { name: "Xã Xa" }) };
const seat = (label: string, x: number) => ({ label, x, y: 10, turn: 0 });

function desk(me: string, change: Partial<Meeting> = {}): { standing: MeetingState; room: RoomState } {
  const now = meeting({ ...people, deputy: "b", sites: branch, ...change });
  const known = { id: "m1", meeting: now, me, roles: rolesOf(now, me), statuses: {}, now: () => 0, names: null };
  const standing = { ...known, act: () => Promise.resolve(true) } as unknown as MeetingState;
  const opinions = {
    ...{ book: { opinions: {}, amendments: {} }, comments: [] },
    ...{ follow: () => undefined, watchComments: () => () => undefined },
  };
  return { standing, room: { standing, opinions } as unknown as RoomState };
}
const labels = (): string[] => screen.queryAllByRole("button").map((one) => one.textContent?.trim() ?? "");

test.each([
  ["c", true],
  ["b", false],
])("at the secretary's desk %s records attendance, sites and votes: %s", async (me, keeps) => {
  const votes = withBallots(ballot("v"), ballot("h", { state: "open", method: "hands", electorate: { a: "a" } }));
  const { standing } = desk(me, votes);
  render(SecretaryDeskRight, { standing, offset: 0 });
  expect(labels().includes("Có mặt")).toBe(keeps);
  expect(labels().some((one) => ["Khác…", "Sửa…"].includes(one))).toBe(keeps);
  expect(screen.queryAllByRole("combobox")).toHaveLength(keeps ? 1 : 0);
  await fireEvent.click(screen.getByRole("tab", { name: /Biểu quyết/ }));
  for (const words of ["Thêm biểu quyết", "Bỏ nội dung biểu quyết này", "Nhập kết quả giơ tay"])
    expect([words, labels().includes(words)]).toEqual([words, keeps]);
});

test.each([
  ["c", 1],
  ["a", 1],
  ["b", 0],
])("a notice and the papers are offered to %s at the secretary's desk by %i buttons", (me, count) => {
  const { standing, room } = desk(me);
  render(SecretaryDeskFoot, { standing, room });
  expect(labels().filter((one) => one === "Thông báo")).toHaveLength(count);
  const ways = [...labels(), ...screen.queryAllByRole("link").map((one) => one.textContent?.trim())];
  expect(ways.filter((one) => one === "Đưa tài liệu vào họp" || one === "Thêm tài liệu")).toHaveLength(count);
});

test("from the seat map nobody is invited who is not there, and nobody while a vote is open", async () => {
  const plan = { width: 100, height: 60, seats: [seat("1", 10), seat("2", 30)], shapes: [] };
  const seating = { room: "r", name: "Phòng họp", plan } as unknown as Meeting["seating"];
  const { standing } = desk("a", { seating });
  const { rerender } = render(DeskSeats, { standing, open: true, onclose: () => undefined });
  await fireEvent.click(screen.getByRole("button", { name: /Chưa đến/ }));
  expect(labels()).toContain("Chưa có mặt");
  expect(labels()).not.toContain("Mời phát biểu");
  await fireEvent.click(screen.getByRole("button", { name: /Phó/ }));
  expect(labels()).toContain("Mời phát biểu");
  const voting = desk("a", { seating, ...withBallots(ballot("v", { state: "open", electorate: { a: "a" } })) });
  await rerender({ standing: voting.standing });
  expect(labels()).toContain("Đóng biểu quyết trước");
});
