import { expect, test } from "vitest";
import { item, meeting, member, request, speech as speechOf, withMembers } from "../deskexample";
import type { Meeting, Speech } from "../wire/types";
import * as speaking from "./speaking";
import { register } from "./standing";

const speech = (change: Partial<Speech>): Speech => speechOf("b", { id: "s1", item: "i2", began_at: 1000, ...change });
const standing = (change: Partial<Meeting>): Meeting => meeting(change);

test("minutes by person and unit, the running speech among them, and who never spoke", () => {
  const now = 121_000;
  const members = withMembers(
    member("a"),
    member("b", { unit: "Sở Y tế" }),
    member("c", { unit: "Sở Y tế" }),
    member("late", { attendance: { ...member("x").attendance, state: "expected" } }),
    member("tech", { roles: ["technician"], mandate: false }),
  );
  const found = speaking.speakingStatistics(
    standing({
      ...members,
      spoken: { b: 60_000, c: 30_000 },
      turns: { b: 1, c: 2 },
      speaking: speech({ person: "b" }),
      requests: [request("c", 1)],
    }),
    now,
  );
  expect(found.people.map((row) => [row.key, row.turns, row.ms, row.waits])).toEqual([
    ["b", 2, 180_000, false],
    ["c", 2, 30_000, true],
  ]);
  expect(found.units.map((row) => [row.unit, row.turns, row.ms])).toEqual([["Sở Y tế", 4, 210_000]]);
  const silent = found.silent.map((row) => row.key);
  expect(silent).not.toContain("late");
  expect(silent).not.toContain("tech");
  expect(silent).not.toContain("b");
  expect(silent).toContain("a");
});

test("the table opens in a spreadsheet, and no name in it is a formula", () => {
  const words = { head: ["Họ và tên", "Chức vụ"], silent: "Chưa phát biểu", waits: "Đã đăng ký" };
  const row = { key: "x", unit: "Sở, ban", turns: 1, ms: 61_000, waits: false };
  const person = member("x", { name: "=1+1", title: 'Phó "thường trực"' });
  const quiet = { ...row, key: "y", member: member("y"), ms: 0, turns: 0, waits: true };
  const text = speaking.speakingCsv({ people: [{ ...row, member: person }], units: [], silent: [quiet] }, words);
  const lines = text.split("\r\n");
  expect(lines[0]).toBe("\ufeffHọ và tên,Chức vụ");
  expect(lines[1]).toBe(`'=1+1,"Phó ""thường trực""","Sở, ban",1,2,`);
  expect(lines[2]).toContain("Chưa phát biểu; Đã đăng ký");
});

test("a question waits from the moment it is put until it is being answered", () => {
  const put = { id: "q1", person: "b", to: "c", item: "i2", topic: "Giá đất", reply: "" } as const;
  const asked = speech({ id: "q2", person: "b", kind: "question", to: "c", topic: "Di dời" });
  const ids = (m: Meeting): string[] => speaking.openQuestions(m).map((one) => one.id);
  expect(ids(standing({ questions: [put], speaking: asked }))).toEqual(["q1", "q2"]);
  expect(ids(standing({ questions: [put], speaking: speech({ kind: "reply", answers: "q1" }) }))).toEqual([]);
  expect(ids(standing({ questions: [{ ...put, reply: "written" }] }))).toEqual([]);
});

test("the register is that of the item dealt with; the others stay with their items", () => {
  const known = standing({
    items: [item("i1", { state: "done" }), item("i2", { state: "current" }), item("i3")],
    requests: [request("a", 1, { item: "i1" }), request("b", 2), request("c", 3, { item: "i3" })],
  });
  expect(register(known).map((one) => one.person)).toEqual(["b"]);
  expect(speaking.registeredElsewhere(known).map((one) => one.item)).toEqual(["i1", "i3"]);
  expect(speaking.itemsAhead(known).map((one) => one.id)).toEqual(["i3"]);
});

test("somebody moves to the front or by a step, behind the points of order", () => {
  const order = request("e", 4, { kind: "order" });
  const known = standing({ requests: [order, request("b", 1), request("c", 2), request("d", 3)] });
  expect(speaking.registerMove(known, "r3", "first")).toEqual({ before: "r1" });
  expect(speaking.registerMove(known, "r2", -1)).toEqual({ before: "r1" });
  expect(speaking.registerMove(known, "r2", 1)).toEqual({ before: "" });
  expect(speaking.registerMove(known, "r1", "first")).toBeNull();
  expect(speaking.registerMove(known, "r4", 1)).toBeNull();
});
