import { expect, test } from "vitest";
import * as example from "../deskexample";
import type { Ballot, FloorPlan, Meeting, Member } from "../wire/types";
import {
  EMPTY,
  honoured,
  movedTo,
  nudged,
  numbered,
  removed,
  roomy,
  withMargin,
  withSeat,
  withTable,
} from "./floorplan";
import { BLANK } from "./meeting";
import { aroundOf, nameFor, nextSeat, roomId, seatViews, withoutSeat } from "./seating";

const seat = (label: string, x: number, y: number) => ({ label, x, y });
const PLAN: FloorPlan = {
  width: 20,
  height: 12,
  seats: [seat("1", 8, 0), seat("2", 0, 8), seat("3", 16, 8), seat("4", 8, 8)],
  tables: [{ x: 4, y: 4, width: 12, height: 4, round: false }],
};

const there = { state: "room", since: 1, late: false, excused: false, reason: "", how: "arrived", by: "" } as const;
const expected = { ...there, state: "expected", since: 0, how: "" } as const;
const member = (id: string, more: Partial<Member> = {}): Member =>
  example.member(id, { attendance: expected, ...more });

function meeting(members: Member[], more: Partial<Meeting> = {}): Meeting {
  const seating = { room: "phong-1", name: "Phòng họp số 1", plan: PLAN };
  return { ...BLANK, seating, members: Object.fromEntries(members.map((one) => [one.id, one])), ...more };
}

test("each place says who sits there and how they stand", () => {
  const absent = { ...there, state: "absent" } as const;
  const found = seatViews(
    meeting([
      member("a", { seat: "1", attendance: there }),
      member("b", { seat: "2", attendance: absent }),
      member("c", { seat: "3", attendance: there }),
    ]),
    { lost: { c: 5 } },
  );
  expect(found.map((one) => [one.seat.label, one.sitter?.id ?? "", one.state])).toEqual([
    ["1", "a", "present"],
    ["2", "b", "away"],
    ["3", "c", "lost"],
    ["4", "", "free"],
  ]);
});

test("whoever comes for a member sits on the member's place and is shown with them", () => {
  const found = seatViews(
    meeting([
      member("a", { seat: "1", substituted_by: "s", attendance: { ...there, state: "absent", excused: true } }),
      member("s", { seat: "4", substitute_for: "a", attendance: there }),
    ]),
  );
  expect(found[0]).toMatchObject({ state: "present", holder: { id: "a" }, sitter: { id: "s" } });
  expect(found[3]?.state).toBe("free");
});

test("the place in the register and the floor are marked", () => {
  const [a, b] = seatViews(
    meeting([member("a", { seat: "1" }), member("b", { seat: "2" })], {
      requests: [example.request("x", 1, { item: "" }), example.request("b", 2, { item: "" })],
      speaking: example.speech("a"),
    }),
  );
  expect([a?.speaking, a?.queued, b?.speaking, b?.queued]).toEqual([true, 0, false, 2]);
});

test("that somebody has voted is shown only to whom it is told, and how never", () => {
  const ballot = { id: "b1", state: "open", electorate: { a: "a", m: "b", b: "b" } } as unknown as Ballot;
  const room = meeting([member("a", { seat: "1" }), member("b", { seat: "2" }), member("c", { seat: "3" })], {
    ballots: { b1: ballot },
  });
  const voted = (statuses: Record<string, unknown>) =>
    seatViews(room, aroundOf(room, statuses)).map((one) => one.voted);
  expect(voted({})).toEqual([null, null, null, null]);
  expect(voted({ presence: { lost: {} } })).toEqual([false, false, null, null]);
  expect(voted({ "voted:b1": ["a", "m"] })).toEqual([true, false, null, null]);
  expect(voted({ "voted:b1": ["b", "m"] })).toEqual([false, true, null, null]);
});

test("those of the room without a place stand apart, by precedence", () => {
  const sites = { far: { id: "far", main: false } } as unknown as Meeting["sites"];
  const found = withoutSeat(
    meeting(
      [
        member("late", { precedence: 9 }),
        member("first", { precedence: 2, seat: "no such place" }),
        member("seated", { seat: "1" }),
        member("far", { site: "far" }),
        member("worker", { roles: ["technician"] }),
      ],
      { sites },
    ),
  );
  expect(found.map((one) => one.id)).toEqual(["first", "late"]);
});

test("a name is as long as its seat allows", () => {
  const name = "Nguyễn Thị Thanh Hương";
  const on = (width: number, height: number): string => nameFor(name, width, height);
  expect([on(132, 132), on(84, 40), on(44, 44), on(24, 24)]).toEqual([name, "Thanh Hương", "Hương", "H"]);
  expect(nameFor(name, 128, 64, 1.4)).toBe("Hương");
  expect(nameFor("Y Blim", 44, 44)).toBe("Y Blim");
  expect(nameFor("", 44, 44)).toBe("");
});

test("arrow keys go to the nearest place in their direction, and nowhere beyond the last", () => {
  const [head, left, right] = PLAN.seats;
  expect(nextSeat(PLAN.seats, head!, 0, 1)?.label).toBe("4");
  expect(nextSeat(PLAN.seats, left!, 1, 0)?.label).toBe("4");
  expect(nextSeat(PLAN.seats, right!, 1, 0)).toBeNull();
});

test("a new room gets an id of its name that no other has", () => {
  const taken = [{ id: "phong-hop-so-1" }] as unknown as Parameters<typeof roomId>[1];
  expect([roomId("Phòng họp số 1", taken), roomId("???", taken)]).toEqual(["phong-hop-so-1-2", "phong"]);
  const long = roomId("Phòng họp trực tuyến của Văn phòng Ủy ban nhân dân tỉnh, tầng 5 nhà C", taken);
  expect(long).toBe("phong-hop-truc-tuyen-cua-van-phong-uy-ban-nhan-dan-tinh");
});

test("a seat is added on the half-seat grid under a number nobody has, and the floor grows with it", () => {
  const drawn = withSeat({ ...PLAN, seats: [...PLAN.seats, seat("5", 0, 0)] }, 43.2, 11);
  expect(drawn.seats.at(-1)).toEqual(seat("6", 42, 10));
  expect(drawn.width).toBeGreaterThanOrEqual(42 + 4 + 8);
  expect(withTable(EMPTY, 0, 0).tables).toEqual([{ x: 0, y: 0, width: 8, height: 4, round: false }]);
});

test("what is chosen is moved by steps and stays on the floor", () => {
  expect(nudged(PLAN, { seat: "1" }, 1, -1).seats[0]).toEqual(seat("1", 10, 0));
  expect(movedTo(PLAN, { table: 0 }, -5, 7).tables[0]).toMatchObject({ x: 0, y: 8 });
  expect(nudged(PLAN, null, 1, 1)).toBe(PLAN);
  expect(withMargin(PLAN).seats[0]).toEqual(seat("1", 16, 8));
});

test("the order of honour is changed by hand, and names follow it when asked to", () => {
  const moved = honoured(PLAN, "4", 1);
  expect(moved.seats.map((one) => one.label)).toEqual(["4", "1", "2", "3"]);
  expect(numbered(moved).seats[0]).toEqual(seat("1", 8, 8));
  expect(honoured(PLAN, "none", 1)).toBe(PLAN);
});

test("what is taken away is gone, and the rest stays", () => {
  expect(removed(PLAN, { seat: "2" }).seats.map((one) => one.label)).toEqual(["1", "3", "4"]);
  expect(removed(PLAN, { table: 0 }).tables).toEqual([]);
  expect(roomy({ ...PLAN, seats: [], tables: [] })).toMatchObject({ width: EMPTY.width, height: EMPTY.height });
});
