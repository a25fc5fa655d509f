import { describe, expect, it } from "vitest";
import { row, site } from "../linesexample";
import type { Meeting } from "../wire/types";
import { NO_SEATS, type Seats } from "./conferenceseats";
import { BLANK } from "./meeting";
import { pictureWord, seen } from "./picture";

const MEETING: Meeting = { ...BLANK, phase: "open", sites: { a: site("a", 1), c: site("c", 2), x: site("x", 3) } };
const SEATS: Seats = { ...NO_SEATS, video: ["a", null, "b", "c"], off: [3] };
const DARK: Seats = { ...SEATS, dark: [0] };
const word = (who: string, statuses: Record<string, unknown> = {}, meeting = MEETING) =>
  pictureWord(seen(statuses, meeting, who, SEATS));
const gone = (reason: string) => ({ type: "gone", reason });

describe("a tile without a picture", () => {
  it("says why, by what those who look after the lines see", () => {
    const lines = (change: Parameters<typeof row>[1], who = "x") => word(who, { lines: [row(who, change)] });
    expect(lines({}, "a")).toBe("");
    expect(lines({}, "c")).toBe("weak");
    expect(pictureWord(seen({ lines: [row("a")] }, MEETING, "a", DARK))).toBe("coding");
    expect(lines({ camera: "off" })).toBe("camera_off");
    expect(lines({ camera: "missing" })).toBe("camera_off");
    expect(lines({ audio_only: true }, "a")).toBe("audio_only");
    expect(lines({ state: "lost" }, "a")).toBe("lost");
    expect(lines({ state: "again" })).toBe("again");
    expect(lines({ state: "absent" })).toBe("absent");
    expect(lines({})).toBe("waiting");
  });

  it("says the same to everybody else", () => {
    const told = (line: object | undefined, who = "x") => word(who, { pictures: line ? { [who]: line } : {} });
    expect(told(undefined)).toBe("waiting");
    expect(told(undefined, "a")).toBe("");
    expect(told({ state: "good", camera: "off", audio_only: false })).toBe("camera_off");
    expect(told({ state: "good", camera: "audio_only", audio_only: true })).toBe("audio_only");
    expect(told({ state: "lost", camera: "", audio_only: false }, "a")).toBe("lost");
  });

  it("tells who went from whose line broke", () => {
    const lost = { lines: [row("x", { state: "lost" })] };
    expect(word("x", { ...lost, "media.camera:x": gone("closed") })).toBe("left");
    expect(word("x", { ...lost, "media.camera:x": gone("lost") })).toBe("lost");
  });

  it("says of a site in the waiting room that it waits, and of one on the telephone that it speaks from there", () => {
    expect(word("x", { lines: [row("x")] }, { ...MEETING, waiting_room: true })).toBe("waiting_room");
    expect(word("x", { lines: [row("x")] }, { ...MEETING, waiting_room: true, admitted: ["x"] })).toBe("waiting");
    const voices = { x: [{ number: "0912 000 111", began_at: 1, ended_at: 0 }] };
    expect(word("x", {}, { ...MEETING, voices })).toBe("voice");
  });

  it("knows of who takes part alone whether they came, left, or come back", () => {
    const state = (now: string) =>
      ({ ...MEETING, members: { p: { id: "p", attendance: { state: now } } } }) as unknown as Meeting;
    expect(word("p", {}, state("expected"))).toBe("absent");
    expect(word("p", {}, state("left"))).toBe("left");
    expect(word("p", { "media.camera:p": gone("lost") }, state("online"))).toBe("again");
    expect(word("p", { "media.camera:p": gone("closed") }, state("online"))).toBe("left");
    expect(word("p", { "media.camera:p": { type: "joined" } }, state("online"))).toBe("waiting");
  });
});
