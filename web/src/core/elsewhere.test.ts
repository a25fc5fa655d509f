import { expect, test } from "vitest";
import { meeting, member, paper, site, withMembers } from "../deskexample";
import { readElsewhere } from "./elsewhere";

const ordered = meeting({
  ...withMembers(
    member("a", { precedence: 2 }),
    member("b", { precedence: 1, site: "yt", unit_short: "Sở Y tế" }),
    member("c", { precedence: 3 }),
  ),
  sites: { yt: site("yt", { order: 3 }), tn: site("tn", { order: 2 }) },
  papers: { p: paper("p", "i2") },
});

test("sites come first in their order, then people by precedence, each with what is open there", () => {
  const at = { a: { paper: "p", page: 4 }, b: { paper: "p", page: 2 }, yt: { paper: "p", page: 1 } };
  const found = readElsewhere(ordered, { ...at, tn: { paper: "p", page: 9 } });
  expect(found.map(({ id, paper, page }) => [id, paper?.id, page])).toEqual([
    ["tn", "p", 9],
    ["yt", "p", 1],
    ["b", "p", 2],
    ["a", "p", 4],
  ]);
});

test("somebody is told with title, unit and site, the unit once", () => {
  const at = { a: { paper: "", page: 0 }, b: { paper: "p", page: 2 } };
  expect(readElsewhere(ordered, at).map(({ about }) => about)).toEqual([
    "Giám đốc Sở Tài chính · Sở Y tế · Điểm cầu yt",
    "Giám đốc Sở Tài chính",
  ]);
});

test("a paper the desk does not know, and whoever is not of the meeting, are not made up", () => {
  const found = readElsewhere(ordered, { a: { paper: "kín", page: 4 }, stranger: { paper: "p", page: 1 } });
  expect(found).toMatchObject([{ id: "a", paper: null }]);
});
