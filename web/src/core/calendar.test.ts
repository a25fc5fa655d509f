import { expect, test } from "vitest";
import { ballot, item, meeting, member, withBallots, withMembers } from "../deskexample";
import type { Listing } from "../wire/types";
import { byDay, dateField, dayOf, desksOf, mayPrepare, timeOf, waitingFor } from "./calendar";

const NOW = timeOf("2026-11-22", "09:47");
const listing = (id: string, date: string, phase = "published"): Listing => ({
  id,
  title: id,
  kind: "x",
  phase,
  host: "ubnd",
  starts_at: timeOf(date, "08:00"),
  ends_at: timeOf(date, "10:00"),
  version: 1,
});

test("days and hours are those of Vietnam, whatever the device thinks", () => {
  const late = Date.parse("2026-11-21T17:30:00Z");
  expect(dayOf(late)).toMatchObject({ day: 22, month: 11, year: 2026, weekday: 0, hour: "00:30" });
  expect([dateField(late), dayOf(timeOf("2026-11-22", "00:30")).number]).toEqual(["2026-11-22", dayOf(late).number]);
});

test("today comes first, with what is going on before it; a meeting still open belongs to today", () => {
  const all = [
    listing("chiều nay", "2026-11-22"),
    listing("từ hôm qua", "2026-11-21", "open"),
    listing("tuần sau", "2026-11-27"),
    listing("ngày mai", "2026-11-23"),
    listing("tháng trước", "2026-10-22", "closed"),
    listing("đã xong", "2026-11-22", "closed"),
  ];
  const days = byDay(all, NOW);
  expect(days.today.map(({ id }) => id)).toEqual(["từ hôm qua", "chiều nay", "đã xong"]);
  expect(days.ahead.map(({ id }) => id)).toEqual(["ngày mai", "tuần sau"]);
  expect(days.past.map(({ id }) => id)).toEqual(["tháng trước"]);
});

test("each role is led to its own desks, the most important first", () => {
  const technician = member("k", { roles: ["technician"] });
  const standing = meeting(withMembers(member("a"), member("s", { roles: ["secretary"] }), member("d"), technician));
  expect(desksOf(standing, "k")).toEqual(["technician", "room"]);
  expect(desksOf(standing, "a")).toEqual(["chair", "room"]);
  expect(desksOf(standing, "s")).toEqual(["secretary", "room", "prepare"]);
  expect(desksOf(standing, "d")).toEqual(["room"]);
  expect(desksOf({ ...standing, phase: "draft" }, "s")).toEqual(["prepare"]);
  expect(desksOf(standing, "ai đó")).toEqual([]);
  const deputed = { ...standing, deputy: "d" };
  expect(desksOf(deputed, "d")).toEqual(["room", "chair"]);
  expect(desksOf({ ...deputed, phase: "published" }, "d")).toEqual(["room"]);
  expect(desksOf({ ...deputed, controlling: "d" }, "d")).toEqual(["chair", "room"]);
});

test("an open vote waits for those who hold a mandate, and for nobody else", () => {
  const open = meeting(withBallots(ballot("v", { state: "open", electorate: { b: "b", a: "a" } })));
  expect(waitingFor(open, "b")).toMatchObject([{ kind: "vote", path: "/hop/m1", urgent: true }]);
  expect(waitingFor(open, "a")).toMatchObject([{ kind: "vote", path: "/chu-toa/m1" }]);
  expect(waitingFor(open, "khach")).toEqual([]);
  expect(waitingFor(open, "không có tên")).toEqual([]);
});

test("a draft waits for its secretary, an item for its presenter, the minutes for the secretary", () => {
  const people = withMembers(member("s", { roles: ["secretary"] }), member("b"));
  const items = [item("i1", { presenter: "b" }), item("i2", { presenter: "b", state: "done" })];
  expect(waitingFor(meeting({ ...people, phase: "draft" }), "s").map(({ kind }) => kind)).toEqual(["publish"]);
  expect(waitingFor(meeting({ ...people, items }), "b")).toMatchObject([{ kind: "present", values: { number: 1 } }]);
  expect(waitingFor(meeting({ ...people, phase: "closed" }), "s")).toMatchObject([
    { kind: "minutes", path: "/thu-ky/m1" },
  ]);
});

test("the preparation is for secretaries, the chair and the administrators of who convenes, and for nobody else", () => {
  const members = withMembers(member("a"), member("d"), member("s", { roles: ["secretary"] }));
  const standing = { ...meeting(members), chair: "a", host: "ubnd" };
  const may = (person: string, unit = "so-tc", ...offices: string[]) => mayPrepare(standing, { person, unit, offices });
  expect([may("s"), may("a"), may("q", "ubnd", "unit")]).toEqual([true, true, true]);
  expect([may("d"), may("d", "ubnd"), may("q", "so-tc", "unit"), may("q", "ubnd", "system")]).not.toContain(true);
});
