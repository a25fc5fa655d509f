import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as example from "../deskexample";
import type { Meeting, Member, Request, Site } from "../wire/types";
import { grants, nameOf, nextSpeaker, placeOf, sendsItself, takesPart, telephoneOf, upNext } from "./conference";
import { BLANK } from "./meeting";

const FOLDER = new URL("../../../tests/golden/", import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));

interface Granted {
  audible: string[];
  floor: string;
  stage: string;
  screen: string;
}

describe("the grants", () => {
  const known = read("grants.json") as Record<string, Granted>;
  it.each(readdirSync(new URL("events/", FOLDER)))("after %s are the server's", (name) => {
    const { after } = read(`events/${name}`) as { after: Meeting };
    // What was written down before a field was there has what the server takes for it.
    const { audible, ...rest } = grants({ ...BLANK, ...after });
    expect({ audible: [...audible].sort(), ...rest }).toEqual(known[name.replace(".json", "")]);
  });
});

const site = (id: string, order: number, main = false): Site => example.site(id, { order, main });
const member = (id: string, at: string, state: Member["attendance"]["state"] = "site"): Member =>
  example.member(id, { name: id, unit_short: "", site: at, attendance: { ...example.member(id).attendance, state } });
const asks = (person: string, seq: number): Request => example.request(person, seq, { item: "" });
const MEETING: Meeting = {
  ...BLANK,
  phase: "open",
  chair: "chair",
  sites: { hall: site("hall", 1, true), north: site("north", 3), south: site("south", 2) },
  members: {
    chair: member("chair", "", "room"),
    n: member("n", "north"),
    s: member("s", "south"),
    far: member("far", "", "online"),
  },
};
const speaks = (person: string): Meeting["speaking"] => example.speech(person);

describe("where somebody is heard from", () => {
  it("is their site, the main room, or themselves", () => {
    expect(["n", "chair", "far", "stranger"].map((who) => placeOf(MEETING, who))).toEqual(["north", "hall", "far", ""]);
  });

  it("makes a tablet beside a camera a companion that sends nothing", () => {
    expect(["n", "chair", "far", "north"].map((who) => sendsItself(MEETING, who))).toEqual([false, false, true, true]);
  });

  it("lets go of every camera, microphone and picture while the system is stopped", () => {
    const stopped: Meeting = { ...MEETING, phase: "break", stopped: 1 };
    for (const who of ["n", "chair", "far", "north"])
      expect([sendsItself(stopped, who), takesPart(stopped, who)]).toEqual([false, false]);
  });

  it("lets only sites and people on their own in before the opening", () => {
    const before: Meeting = { ...MEETING, phase: "published" };
    expect(["n", "far", "north"].map((who) => takesPart(before, who))).toEqual([false, true, true]);
    expect(takesPart({ ...MEETING, phase: "closed" }, "north")).toBe(false);
  });
});

describe("a site on the telephone", () => {
  const called = (ended_at: number): Meeting["voices"] => ({ b: [{ number: "0230 000 1112", began_at: 1, ended_at }] });
  const sites = { a: site("a", 1, true), b: site("b", 2) };
  const talks = { ...BLANK, phase: "open" as const, sites, members: { m: member("m", "b") }, speaking: speaks("m") };

  it("is heard in the main room while it has the floor", () => {
    expect([...grants({ ...talks, voices: called(0) }).audible].sort()).toEqual(["a", "b"]);
    expect(grants({ ...talks, voices: called(0) }).floor).toBe("b");
  });

  it("speaks through its own line again once the call has ended", () => {
    expect([...grants({ ...talks, voices: called(9) }).audible]).toEqual(["b"]);
    expect(telephoneOf({ ...talks, voices: called(9) }, "b")).toBe("");
  });
});

describe("who is next", () => {
  const waiting: Meeting = { ...MEETING, requests: [asks("chair", 1), asks("n", 2)], speaking: speaks("s") };

  it("counts whoever speaks before", () => {
    expect(upNext(waiting, "north")).toMatchObject({ member: { id: "n" }, before: 2 });
    expect(upNext({ ...waiting, speaking: null }, "north")?.before).toBe(1);
  });

  it("is nobody when the turn is far, the site silent or the meeting in a break", () => {
    expect(upNext(waiting, "north", 1)).toBeNull();
    expect(upNext(waiting, "south")).toBeNull();
    expect(upNext({ ...waiting, phase: "break" }, "north")).toBeNull();
  });

  it("is the first of the register for the hall", () => {
    expect(nextSpeaker(waiting)?.id).toBe("chair");
    expect(nextSpeaker(MEETING)).toBeNull();
  });
});

it("a picture is named after its site, or the person", () => {
  expect([nameOf(MEETING, "north"), nameOf(MEETING, "far"), nameOf(MEETING, "x")]).toEqual([
    "Điểm cầu north",
    "far",
    "",
  ]);
});
