import { expect, test } from "vitest";
import { ballot } from "../deskexample";
import { chairDecides, counted, entering, isEven, NO_FIGURES, recording, whyNot } from "./counting";

const electorate = { a: "a", b: "b", c: "c", d: "d" };
const paper = ballot("v", { method: "paper", state: "open", of_all: 5, electorate });
const typed = (agree: string, disagree: string, abstain = "") => ({
  ...NO_FIGURES,
  tally: { agree, disagree, abstain },
});

test("more hands than voters are said with both figures", () => {
  const hands = counted(paper, typed("4", "1"));
  expect(whyNot("hands", hands, 4)).toEqual({
    code: "ballot.more_than_electorate",
    details: { total: 5, electorate: 4 },
  });
  expect(whyNot("hands", counted(paper, typed("3", "x")), 4)).toBeNull();
});

test("papers handed out, given back and counted must add up, in this order", () => {
  const figures = { ...typed("2", "1"), returned: "4", invalid: "1" };
  const code = (issued: string, more = {}): string | undefined =>
    whyNot("paper", counted(paper, { ...figures, issued, ...more }), 4)?.code;
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
