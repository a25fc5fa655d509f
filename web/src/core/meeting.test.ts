import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EVENT_TYPES, type Meeting, type MeetingEvent } from "../wire/types";
import { publicPart, reduce } from "./meeting";

const FOLDER = new URL("../../../tests/golden/events/", import.meta.url);
interface Golden {
  before: Meeting;
  event: MeetingEvent;
  after: Meeting;
}
const files = readdirSync(FOLDER);

describe("golden events", () => {
  it("cover every event", () => {
    expect(files.map((name) => name.replace(".json", "")).sort()).toEqual([...EVENT_TYPES].sort());
  });

  it.each(files)("%s changes the meeting as on the server", (name) => {
    const golden = JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Golden;
    expect(reduce(golden.before, golden.event)).toEqual(golden.after);
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
