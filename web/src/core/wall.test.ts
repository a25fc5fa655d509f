import { describe, expect, it } from "vitest";
import { MOST_TILES, nameLines, wallGrid, wallPages } from "./wall";

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

  it("gives a long name the more lines the more cells stand side by side", () => {
    const name = "Sở Nông nghiệp và Môi trường";
    expect([7, 8, 9].map((columns) => nameLines(name, columns))).toEqual([2, 2, 3]);
    expect(nameLines("Ban Quản lý Khu kinh tế Vân Hải và các khu công nghiệp", 8)).toBe(4);
    expect(nameLines("Sở Y tế", 10)).toBe(2);
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
