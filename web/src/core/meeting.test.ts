import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ballot } from "../deskexample";
import { EVENT_TYPES, type Meeting, type MeetingEvent } from "../wire/types";
import { BLANK, publicPart, reduce } from "./meeting";

const FOLDER = new URL("../../../tests/golden/events/", import.meta.url);
interface Golden {
  before: Meeting;
  event: MeetingEvent;
  after: Meeting;
}
const files = readdirSync(FOLDER);
/** The same events with fields that were added to them later. */
const LATER = new URL("../../../tests/golden/later/", import.meta.url);

const { against, entered, sheet, kind, places, needed, called_at, chosen, voided, repeats, by_chair } = ballot("");
const SINCE = { against, entered, sheet, kind, places, needed, called_at, chosen, voided, repeats, by_chair };

/** A meeting written down before some fields were there, with what the server takes for them. */
function today(meeting: Meeting): Meeting {
  const each = <T>(map: Readonly<Record<string, T>>, change: (one: T) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(map).map(([key, one]) => [key, change(one)]));
  return {
    ...BLANK,
    ...meeting,
    rules: { ...BLANK.rules, ...meeting.rules },
    speaking: meeting.speaking && {
      ...meeting.speaking,
      opens_at: meeting.speaking.opens_at ?? 0,
      to: meeting.speaking.to ?? "",
      answers: meeting.speaking.answers ?? "",
    },
    items: meeting.items.map((item) => ({ ...item, kind: item.kind ?? "" })),
    members: each(meeting.members, (one) => ({
      ...one,
      only_items: one.only_items ?? [],
      only_substitute: one.only_substitute ?? false,
    })),
    papers: each(meeting.papers, (one) => ({ ...one, screen_only: one.screen_only ?? false })),
    ballots: each(meeting.ballots, (one) => ({ ...SINCE, ...one })),
    tallies: each(meeting.tallies, (one) => ({
      ...one,
      sheet: one.sheet ?? null,
      chosen: one.chosen ?? null,
      sealed: one.sealed ?? "",
      by_chair: one.by_chair ?? null,
    })),
  };
}

describe("golden events", () => {
  it("cover every event", () => {
    expect(files.map((name) => name.replace(".json", "")).sort()).toEqual([...EVENT_TYPES].sort());
  });

  it.each([
    ...files.map((name) => [name, FOLDER] as const),
    ...readdirSync(LATER).map((name) => [name, LATER] as const),
  ])("%s changes the meeting as on the server (%s)", (name, folder) => {
    const golden = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Golden;
    expect(today(reduce(today(golden.before), golden.event))).toEqual(today(golden.after));
  });
});

describe("the public part", () => {
  it("leaves out counts and restricted papers", () => {
    const golden = JSON.parse(readFileSync(new URL("ballot.announced.json", FOLDER), "utf8")) as Golden;
    const open = publicPart(golden.after);
    expect(open.tallies).toEqual({});
    expect(Object.values(open.papers).every((paper) => paper.readers === "all")).toBe(true);
    expect(publicPart(open)).toEqual(open);
  });
});
