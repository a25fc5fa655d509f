import { describe, expect, it } from "vitest";
import { NO_SEATS, type Seats } from "./conferenceseats";
import type { LineRow } from "./lines";
import { MOST_TILES, tileWord, wallGrid, wallPages } from "./wall";

const seats: Seats = { ...NO_SEATS, video: ["a", null, "b", "c"], off: [3] };
const row = (more: Partial<LineRow>): LineRow =>
  ({ state: "good", camera: "on", audio_only: false, ...more }) as LineRow;

describe("the wall", () => {
  it("has 31 places around a speaker of five by five", () => {
    expect(wallGrid(31)).toEqual({ columns: 8, rows: 7, stage: 5 });
  });

  it("has a place for every site and the speaker, whatever their number", () => {
    for (let sites = 1; sites <= MOST_TILES; sites++) {
      const { columns, rows, stage } = wallGrid(sites);
      expect(columns * rows - stage * stage).toBeGreaterThanOrEqual(sites);
      expect(columns).toBeGreaterThan(stage);
      expect(rows).toBeGreaterThanOrEqual(stage);
    }
    expect(wallGrid(200)).toEqual(wallGrid(MOST_TILES));
  });

  it("goes on in pages beyond forty, all about as full, and nobody's place depends on who is there", () => {
    const sites = Array.from({ length: 166 }, (_, at) => at);
    const pages = wallPages(sites);
    expect(pages.map((page) => page.length)).toEqual([34, 34, 34, 34, 30]);
    expect(pages.flat()).toEqual(sites);
    expect(wallPages(sites.slice(0, 40))).toHaveLength(1);
    expect(wallPages([])).toEqual([[]]);
  });

  it("says why there is no picture", () => {
    expect(tileWord(row({}), seats, "a")).toBe("");
    expect(tileWord(row({}), seats, "c")).toBe("weak");
    expect(tileWord(row({ camera: "off" }), seats, "x")).toBe("camera_off");
    expect(tileWord(row({ audio_only: true }), seats, "x")).toBe("audio_only");
    expect(tileWord(row({ state: "lost" }), seats, "a")).toBe("lost");
    expect(tileWord(row({ state: "again" }), seats, "x")).toBe("again");
    expect(tileWord(row({ state: "absent" }), seats, "x")).toBe("absent");
    expect(tileWord(row({}), seats, "x")).toBe("waiting");
    expect(tileWord(null, seats, "x")).toBe("waiting");
  });
});
