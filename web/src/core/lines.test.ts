import { describe, expect, it } from "vitest";
import { byTelephone, counts, firstAid, hourOf, lasting, megabits, percentOf, siteLines, troubles } from "./lines";
import { BLANK } from "./meeting";
import { alarm, row, site } from "../linesexample";
import type { Meeting } from "../wire/types";

const ROW = row("a");
const MEETING: Meeting = {
  ...BLANK,
  sites: { c: site("c", 3), a: site("a", 1), b: site("b", 2), d: site("d", 4), e: site("e", 5) },
};

describe("the board", () => {
  it("shows every site in protocol order, whether anything is known of it or not", () => {
    const lines = siteLines(MEETING, [row("b")]);
    expect(lines.map((one) => [one.number, one.site.id, one.row?.state])).toEqual([
      [1, "a", undefined],
      [2, "b", "good"],
      [3, "c", undefined],
      [4, "d", undefined],
      [5, "e", undefined],
    ]);
    expect(counts(lines)).toEqual({ good: 1, look: 0, lost: 0, absent: 4 });
  });

  it("puts the gravest trouble first, then the oldest, and who never came last", () => {
    const lines = siteLines(MEETING, [
      row("a", { alarms: [alarm("cpu", 1, 5)] }),
      row("b", { alarms: [alarm("loss", 2, 9), alarm("cpu", 1, 1)] }),
      row("c", { state: "absent", alarms: [alarm("absent", 1, 1)] }),
      row("d", { state: "lost", alarms: [alarm("lost", 3, 20)] }),
      row("e", { alarms: [alarm("silent", 2, 3)] }),
    ]);
    const found = troubles(lines);
    expect(found.map((one) => one.line.site.id)).toEqual(["d", "e", "b", "a", "c"]);
    expect(found[2]?.others.map((one) => one.kind)).toEqual(["cpu"]);
    expect(counts(lines)).toEqual({ good: 0, look: 3, lost: 1, absent: 1 });
  });

  it("counts who telephones among those who are fine, and by themselves", () => {
    const lines = siteLines(MEETING, [
      row("a", { state: "voice" }),
      row("b"),
      row("c", { state: "voice", alarms: [alarm("unstable", 1, 1)] }),
    ]);
    expect([counts(lines).good, byTelephone(lines)]).toEqual([2, 1]);
  });

  it("offers first what helps first", () => {
    expect(firstAid(alarm("loss", 2, 1), ROW, "0230")).toBe("audio_only");
    expect(firstAid(alarm("loss", 2, 1), { ...ROW, audio_only: true }, "0230")).toBe("call");
    expect(firstAid(alarm("lost", 3, 1), ROW, "0230")).toBe("call");
    expect(firstAid(alarm("lost", 3, 1), ROW, "")).toBe("reconnect");
    expect(firstAid(alarm("silent", 2, 1), { ...ROW, open: true }, "")).toBe("mute");
    expect(firstAid(alarm("no_picture", 1, 1), ROW, "0230")).toBe("reconnect");
  });

  it("writes figures as they are written here", () => {
    expect([percentOf(62), megabits(2_440_000), hourOf(Date.UTC(2026, 10, 22, 2, 5))]).toEqual([
      "6,2",
      "2,4",
      "9 giờ 05",
    ]);
    expect([lasting(40_000), lasting(360_000)]).toEqual([
      { unit: "seconds", count: 40 },
      { unit: "minutes", count: 6 },
    ]);
  });
});
