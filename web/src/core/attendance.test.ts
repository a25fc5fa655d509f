import { expect, test } from "vitest";
import { meeting, member, withMembers } from "../deskexample";
import * as attendance from "./attendance";
import type { Member } from "../wire/types";

const at = (state: Member["attendance"]["state"], excused = false): Partial<Member> => ({
  attendance: { state, since: 1, late: false, excused, reason: "", how: "", by: "" },
});

test("everybody has one word on the sheet", () => {
  const people = [
    member("1", at("room")),
    member("2", at("absent", true)),
    member("3", at("absent")),
    member("4", { ...at("absent", true), substituted_by: "5" }),
    member("6", at("left")),
  ];
  expect(people.map(attendance.presenceOf)).toEqual(["room", "excused", "absent", "substituted", "left"]);
});

test("the parts of the sheet leave nobody out, and technicians are not on it", () => {
  const standing = meeting(
    withMembers(
      member("1", at("room")),
      member("2", at("expected")),
      member("3", at("absent")),
      member("4", { ...at("expected"), substituted_by: "1" }),
      member("kt", { roles: ["technician"] }),
    ),
  );
  const sheet = attendance.sheet(standing);
  expect(attendance.counts(sheet)).toEqual({ all: 4, missing: 1, away: 2, present: 1 });
});

test("one tap puts somebody where they usually are", () => {
  const standing = meeting();
  expect(attendance.usualPlace(standing, member("x", { site: "so-yt" }))).toBe("site");
  expect(attendance.usualPlace(standing, member("x", { site: "tinh" }))).toBe("room");
  expect(attendance.usualPlace({ ...standing, form: "online" }, member("x"))).toBe("online");
});

test("a reason goes with an absence or lateness, lateness only with a presence", () => {
  expect(attendance.recording("x", "excused", " đi công tác ", true)).toMatchObject({
    state: "absent",
    excused: true,
    reason: "đi công tác",
    late: false,
  });
  expect(attendance.recording("x", "site", "tắc đường", true)).toMatchObject({ reason: "tắc đường", late: true });
  expect(attendance.recording("x", "site", "cũ", false)).toMatchObject({ state: "site", reason: "", late: false });
});

test("what is recorded afterwards says when it was so, on the day of the meeting", () => {
  const now = Date.parse("2026-11-22T09:00:00+07:00");
  const eight = Date.parse("2026-11-22T08:05:00+07:00");
  expect(attendance.hourTyped(meeting(), "08:05", now)).toBe(eight);
  const over = { ...meeting(), phase: "closed" as const, periods: [{ began_at: eight, ended_at: eight + 1 }] };
  expect(attendance.hourTyped(over, "08:05", now + 86_400_000)).toBe(eight);
  expect([attendance.hourTyped(meeting(), "", now), attendance.hourTyped(meeting(), "xx", now)]).toEqual([0, 0]);
  expect(attendance.recording("x", "room", "", false, eight)).toMatchObject({ at: eight });
  expect(attendance.recording("x", "room", "", false)).not.toHaveProperty("at");
});

test("the list is read out in groups, substitutes with those they came for", () => {
  const late = { ...at("room").attendance!, late: true };
  const told = attendance.reading(
    meeting(
      withMembers(
        member("1", at("room")),
        member("2", { attendance: late }),
        member("3", at("absent", true)),
        member("4", at("expected")),
        member("5", { ...at("absent", true), substituted_by: "6" }),
        member("6", { ...at("room"), substitute_for: "5" }),
        member("7", at("left")),
        member("8", { ...at("absent", true), substituted_by: "9" }),
        member("9", { ...at("expected"), substitute_for: "8" }),
      ),
    ),
  );
  const ids = (people: readonly Member[]): string[] => people.map((one) => one.id);
  expect([told.here, told.late, told.excused, told.absent, told.left].map(ids)).toEqual([
    ["1", "2", "6"],
    ["2"],
    ["3"],
    ["4", "9"],
    ["7"],
  ]);
  expect(told.substituted.map(([substitute, one]) => [substitute.id, one.id])).toEqual([["6", "5"]]);
});
