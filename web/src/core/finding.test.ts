import { expect, test } from "vitest";
import { addressOf, type Found, joined, NOTHING, pageAddress, papersIn, questionOf, soughtIn } from "./finding";
import { spotIn, withPages } from "./finding";

const page = (number: number) => ({ page: number, pieces: [] });
const paper = (id: string, found = [page(1)]) => ({
  paper: id,
  title: id,
  item: "",
  pages: 9,
  withheld: false,
  found,
});
const meeting = (id: string, ...papers: string[]) => ({
  meeting: id,
  title: id,
  kind: "",
  phase: "closed",
  starts_at: 0,
  papers: papers.map((one) => paper(one)),
});
const found = (left: number, ...meetings: ReturnType<typeof meeting>[]): Found => ({
  meetings,
  papers: 4,
  pages: 9,
  left,
  reading: false,
});

test("a search has an address whose words no server is told, and which says it again", () => {
  const sought = { words: 'đầu tư "15/QĐ-UBND" & #1', kind: "hop_giao_ban", since: "2026-01-01", until: "" };
  const address = addressOf(sought);
  expect(new URL(address, "https://hop.vn").pathname).toBe("/tim-kiem");
  expect(new URL(address, "https://hop.vn").search).toBe("");
  expect(soughtIn(new URL(address, "https://hop.vn").hash)).toEqual(sought);
  expect(addressOf(NOTHING)).toBe("/tim-kiem");
  expect(soughtIn("")).toEqual(NOTHING);
});

test("days are Vietnam's, and the last one counts whole", () => {
  expect(questionOf({ ...NOTHING, words: "a", since: "2026-01-01", until: "2026-01-01" })).toEqual({
    words: "a",
    kind: "",
    since: Date.UTC(2025, 11, 31, 17),
    until: Date.UTC(2026, 0, 1, 17),
  });
  expect(questionOf({ ...NOTHING, words: "a" })).toMatchObject({ since: 0, until: 0 });
});

test("a found page is opened where it stands, with the longest of what was marked", () => {
  const pieces = [
    { text: "tư", hit: true },
    { text: " về ", hit: false },
    { text: "Đầu tư công", hit: true },
  ];
  const address = pageAddress("họp 1", "01J9", { page: 12, pieces });
  expect(address.startsWith("/hop/h%E1%BB%8Dp%201#")).toBe(true);
  expect(spotIn(new URL(address, "https://hop.vn").hash)).toEqual({ paper: "01J9", page: 12, words: "Đầu tư công" });
  expect(spotIn(new URL(pageAddress("m", "p", page(1)), "https://hop.vn").hash)).toEqual({
    paper: "p",
    page: 1,
    words: "",
  });
});

test("an address of something else opens no page", () => {
  for (const hash of [
    "",
    "#",
    "#trang=2",
    "#tai-lieu=p",
    "#tai-lieu=p&trang=0",
    "#tai-lieu=p&trang=x",
    "#tai-lieu=%E0%A4&trang=1",
  ])
    expect(spotIn(hash)).toBeNull();
});

test("what comes later is put after it; a meeting that was divided is one again", () => {
  const all = joined(
    found(2, meeting("a", "1"), meeting("b", "2")),
    found(0, meeting("b", "2", "3"), meeting("c", "4")),
  );
  expect(all.meetings.map(({ meeting, papers }) => [meeting, ...papers.map(({ paper }) => paper)])).toEqual([
    ["a", "1"],
    ["b", "2", "3"],
    ["c", "4"],
  ]);
  expect([all.left, papersIn(all)]).toEqual([0, 4]);
  expect(joined(found(0), found(0, meeting("a", "1"))).meetings).toHaveLength(1);
});

test("more pages go to their paper", () => {
  const more = withPages(found(0, meeting("a", "1", "2")), "2", [page(4), page(5)]);
  expect(more.meetings[0]?.papers.map(({ found: pages }) => pages.map((one) => one.page))).toEqual([[1], [1, 4, 5]]);
});
