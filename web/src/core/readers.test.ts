import { describe, expect, it } from "vitest";
import { meeting, member, paper, withMembers } from "../deskexample";
import { type Reader, readership, watchable } from "./readers";

const reader = (person: string, change: Partial<Reader> = {}): Reader => ({
  person,
  opened_at: 0,
  page: 0,
  outdated: false,
  ...change,
});

describe("the readers of a paper", () => {
  const people = withMembers(
    member("a", { unit: "UBND tỉnh" }),
    member("b", { unit: "Sở Tài chính" }),
    member("c", { unit: "Sở Xây dựng" }),
    member("d", { unit: "Sở Tài chính" }),
  );

  it("stand by unit, those first who have not opened it, or only what was replaced", () => {
    const found = readership(meeting(people), paper("p", "i1", { pages: 6 }), [
      reader("a", { opened_at: 60_000, page: 6 }),
      reader("b"),
      reader("c", { opened_at: 60_000, page: 2 }),
      reader("d", { opened_at: 60_000, page: 6, outdated: true }),
      reader("gone-since"),
    ]);
    expect([found.all, found.opened, found.finished]).toEqual([4, 2, 1]);
    expect(found.notYet.map(({ unit, lines }) => [unit, lines.map((one) => one.member.id)])).toEqual([
      ["Sở Tài chính", ["b", "d"]],
    ]);
    expect(found.have.map(({ unit }) => unit)).toEqual(["UBND tỉnh", "Sở Xây dựng"]);
  });

  it("are asked about first for the paper on screen", () => {
    const papers = { p: paper("p", "i1"), q: paper("q", "i1"), r: paper("r", "i1", { state: "waiting" }) };
    const shown = { paper: "q", page: 1, x: 0, y: 0, width: 10_000 };
    expect(watchable(meeting({ papers, shown })).map(({ id }) => id)).toEqual(["q", "p"]);
  });
});
