import { describe, expect, it } from "vitest";
import { member, site, speech, withMembers } from "../deskexample";
import type { Meeting } from "../wire/types";
import { microphoneOf, opensIn } from "./conferencemicrophone";
import { BLANK } from "./meeting";

const attendance = { state: "site", since: 0, late: false, excused: false, reason: "", how: "", by: "" } as const;
const OPEN: Meeting = {
  ...BLANK,
  phase: "open",
  chair: "c",
  ...withMembers(member("c", { attendance }), member("n", { site: "north", attendance })),
  sites: { hall: site("hall", { main: true }), north: site("north") },
};
const SPEAKING: Meeting = {
  ...OPEN,
  speaking: speech("n", { opens_at: 3_000 }),
};
const HAND = { muted: false, testing: false, opensAt: 0, now: 10_000 };

describe("the microphone of a site", () => {
  it("waits for the chair's invitation", () => {
    expect(microphoneOf(OPEN, "north", HAND)).toEqual({ state: "off", why: "waiting", seconds: 0 });
  });

  it("says that it may not be opened here, until the floor or the desk opens it", () => {
    const locked = { ...OPEN, locked: ["north"] };
    const why = (meeting: Meeting, hand = HAND) => microphoneOf(meeting, "north", hand).why;
    expect(why(locked)).toBe("locked");
    expect(why({ ...locked, phase: "published" }, { ...HAND, testing: true })).toBe("locked");
    expect(why({ ...locked, phase: "break" })).toBe("break");
    expect(why({ ...SPEAKING, locked: ["north"] })).toBe("floor");
    expect(why({ ...SPEAKING, locked: ["north"] }, { ...HAND, muted: true })).toBe("locked");
    expect(why({ ...SPEAKING, locked: ["north"], microphones: { north: "closed" } })).toBe("locked");
    expect(why({ ...locked, microphones: { north: "open" } })).toBe("open");
    expect(microphoneOf({ ...OPEN, locked: ["hall"] }, "hall", HAND).state).toBe("live");
  });

  it("is off in the waiting room, whatever else holds", () => {
    const waiting: Meeting = { ...OPEN, phase: "published", waiting_room: true };
    expect(microphoneOf(waiting, "north", { ...HAND, testing: true })).toMatchObject({
      state: "off",
      why: "waiting_room",
    });
    expect(microphoneOf({ ...waiting, admitted: ["north"] }, "north", HAND).why).toBe("before");
    expect(microphoneOf(waiting, "hall", HAND).why).toBe("before");
  });

  it("says everywhere how many seconds are left, of the chair's none", () => {
    expect([0, 1, 2_500, 3_000, 9_000].map((now) => opensIn(SPEAKING, now))).toEqual([3, 3, 1, 0, 0]);
    const chairs = { ...SPEAKING, speaking: SPEAKING.speaking && { ...SPEAKING.speaking, person: "c" } };
    expect(opensIn(chairs, 0)).toBe(0);
    expect(opensIn(OPEN, 0)).toBe(0);
  });

  it("is announced for three seconds, then live", () => {
    const coming = (now: number) => microphoneOf(SPEAKING, "north", { ...HAND, opensAt: 10_000, now });
    expect(coming(7_001)).toEqual({ state: "soon", why: "floor", seconds: 3 });
    expect(coming(9_500)).toMatchObject({ state: "soon", seconds: 1 });
    expect(coming(10_000)).toEqual({ state: "live", why: "floor", seconds: 0 });
  });

  it("is silent when closed here, and says who closed it elsewhere", () => {
    expect(microphoneOf(SPEAKING, "north", { ...HAND, muted: true })).toMatchObject({ state: "off", why: "muted" });
    const closed: Meeting = { ...SPEAKING, microphones: { north: "closed" } };
    expect(microphoneOf(closed, "north", HAND)).toMatchObject({ state: "off", why: "closed" });
    expect(microphoneOf(closed, "north", { ...HAND, muted: true })).toMatchObject({ why: "muted" });
  });

  it("is live when the chair opened it by hand, and throughout where the chair sits", () => {
    expect(microphoneOf({ ...OPEN, microphones: { north: "open" } }, "north", HAND).why).toBe("open");
    expect(microphoneOf(OPEN, "hall", HAND)).toMatchObject({ state: "live", why: "chair" });
  });

  it("is heard before the opening only while it is tested", () => {
    const before: Meeting = { ...OPEN, phase: "published" };
    expect(microphoneOf(before, "north", HAND)).toMatchObject({ state: "off", why: "before" });
    expect(microphoneOf(before, "north", { ...HAND, testing: true })).toMatchObject({ state: "live", why: "testing" });
    const closed: Meeting = { ...before, microphones: { north: "closed" } };
    expect(microphoneOf(closed, "north", { ...HAND, testing: true })).toMatchObject({ state: "off", why: "closed" });
  });

  it("is silent in a break and after the end, whoever holds the floor", () => {
    expect(microphoneOf({ ...SPEAKING, phase: "break" }, "north", HAND).state).toBe("off");
    expect(microphoneOf({ ...OPEN, phase: "break", microphones: { north: "open" } }, "north", HAND).why).toBe("break");
    expect(microphoneOf({ ...OPEN, phase: "closed" }, "hall", HAND)).toMatchObject({ state: "off", why: "over" });
  });
});
