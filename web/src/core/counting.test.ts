import { expect, test } from "vitest";
import { ballot } from "../deskexample";
import { chairDecides, count, counted, entering, isEven, NO_FIGURES, recording, whyNot } from "./counting";

const electorate = { a: "a", b: "b", c: "c", d: "d" };
const paper = ballot("v", { method: "paper", state: "open", of_all: 5, electorate });
const typed = (agree: string, disagree: string, abstain = "") => ({
  ...NO_FIGURES,
  tally: { agree, disagree, abstain },
});

test("more hands than voters are said with both figures", () => {
  const hands = counted(paper, typed("4", "1"));
  expect(whyNot(paper, "hands", hands, 4)).toEqual({
    code: "ballot.more_than_electorate",
    details: { total: 5, electorate: 4 },
  });
  expect(whyNot(paper, "hands", counted(paper, typed("3", "x")), 4)).toBeNull();
});

test("papers handed out, given back and counted must add up, in this order", () => {
  const figures = { ...typed("2", "1"), returned: "4", invalid: "1" };
  const code = (issued: string, more = {}): string | undefined =>
    whyNot(paper, "paper", counted(paper, { ...figures, issued, ...more }), 4)?.code;
  expect(code("5")).toBe("ballot.more_issued_than_electorate");
  expect(code("3")).toBe("ballot.more_returned_than_issued");
  expect(code("4", { invalid: "" })).toBe("ballot.papers_do_not_add_up");
  expect(code("4")).toBeUndefined();
});

test("for and against even is decided by the chair where the type says so, however many abstain", () => {
  expect(isEven(paper, { agree: 2, disagree: 2, abstain: 1 })).toBe(true);
  expect(isEven(paper, { agree: 0, disagree: 0 })).toBe(false);
  expect(chairDecides({ ...paper, tie: "rejected" }, { agree: 2, disagree: 2 })).toBe(false);
});

test("the command carries papers only for a vote on paper, and the chair's choice only when it decides", () => {
  const figures = counted(paper, { ...typed("2", "1"), issued: "4", returned: "3" });
  expect(recording(paper, figures, "agree")).toEqual({
    type: "ballot.record",
    ballot: "v",
    tally: { agree: 2, disagree: 1, abstain: 0 },
    chair_choice: "",
    issued: 4,
    returned: 3,
    invalid: 0,
  });
  const even = counted(paper, typed("2", "2"));
  const then = entering(paper, even, "agree", { method: "hands", at: 7, reason: "Mất điện" });
  expect(then).toMatchObject({ type: "ballot.enter", method: "hands", taken_at: 7, chair_choice: "agree" });
  expect(then).not.toHaveProperty("issued");
});

test("papers with several names add up by the papers, blank ones apart, as the server counts them", () => {
  const election = ballot("e", { kind: "election", places: 2, method: "paper" });
  const sheet = { ...NO_FIGURES, issued: "10", returned: "9", invalid: "1", blank: "1" };
  const said = (agree: string, disagree: string, abstain: string): string | undefined =>
    count(election, { ...sheet, tally: { agree, disagree, abstain } }, "paper", 10).wrong?.code;
  expect(said("7", "4", "2")).toBeUndefined();
  for (const [a, b, c] of [
    ["8", "0", "0"],
    ["7", "7", "1"],
    ["3", "2", "0"],
  ] as const)
    expect(said(a, b, c)).toBe("ballot.more_votes_than_papers");
  const numbers = count(
    election,
    { ...sheet, tally: { agree: "7", disagree: "4", abstain: "2" } },
    "paper",
    10,
  ).numbers;
  expect(recording(election, numbers, "")).toMatchObject({ blank: 1, invalid: 1 });
});

test("hands written down by name are counted from the names, and go with the count", () => {
  const hands = ballot("h", { method: "hands", state: "open" });
  const { numbers } = count(hands, { ...NO_FIGURES, votes: { a: "agree", b: "agree", c: "disagree" } }, "hands", 5);
  expect(recording(hands, numbers, "")).toEqual({
    type: "ballot.record",
    ballot: "h",
    tally: { agree: 2, disagree: 1, abstain: 0 },
    chair_choice: "",
    votes: { a: "agree", b: "agree", c: "disagree" },
  });
});
