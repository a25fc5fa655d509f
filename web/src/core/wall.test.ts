import { describe, expect, it } from "vitest";
import { MOST_TILES, wallGrid, wallPages } from "./wall";

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
});
