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

test("a reason goes only with an absence, lateness only with a presence", () => {
  expect(attendance.recording("x", "excused", " đi công tác ", true)).toMatchObject({
    state: "absent",
    excused: true,
    reason: "đi công tác",
    late: false,
  });
  expect(attendance.recording("x", "site", "cũ", true)).toMatchObject({ state: "site", reason: "", late: true });
});
