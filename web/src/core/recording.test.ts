import { expect, it } from "vitest";
import { member } from "../deskexample";
import type { Meeting } from "../wire/types";
import { BLANK } from "./meeting";
import { watchesRecording } from "./recording";

const people = {
  chair: member("chair"),
  deputy: member("deputy"),
  secretary: member("secretary", { roles: ["secretary"] }),
  delegate: member("delegate"),
  guest: member("guest", { roles: ["guest"] }),
  both: member("both", { roles: ["guest", "delegate"] }),
};
const watchers = (change: Partial<Meeting>): string[] => {
  const meeting = {
    ...BLANK,
    phase: "closed",
    chair: "chair",
    deputy: "deputy",
    members: people,
    recorded: true,
    ...change,
  };
  return Object.keys({ ...people, site: 1 }).filter((person) => watchesRecording(meeting as Meeting, person));
};

it("is for chair, deputy and secretaries, and for members where the type of meeting says so; never for guests", () => {
  expect(watchers({})).toEqual(["chair", "deputy", "secretary"]);
  expect(watchers({ rules: { ...BLANK.rules, recordings: "members" } })).toEqual([
    "chair",
    "deputy",
    "secretary",
    "delegate",
  ]);
});

it("is nobody's while the meeting goes on, or where there is none", () => {
  expect([watchers({ phase: "open" }), watchers({ recorded: false })]).toEqual([[], []]);
});
