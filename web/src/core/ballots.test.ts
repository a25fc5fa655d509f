import { expect, test } from "vitest";
import { ballot, meeting, member, withBallots, withMembers } from "../deskexample";
import {
  askedAbout,
  methodsAgain,
  calledBallot,
  joined,
  keysOf,
  lastVoided,
  namesFor,
  notYet,
  padding,
  picked,
  ranked,
  votesByTap,
} from "./ballots";

const OPTIONS = ["Bà Hà", "Ông Toàn", "Ông Vịnh"].map((vi, at) => ({ key: `c${at + 1}`, vi, en: vi }));
const election = ballot("e", { kind: "election", places: 2, options: OPTIONS, of_all: 10, method: "secret" });

test("several are chosen up to the places, one moves, and a choice is written in the ballot's own order", () => {
  expect(picked(election, ["c1", "c2"], "c3")).toEqual(["c1", "c2"]);
  expect(picked(election, ["c1", "c2"], "c1")).toEqual(["c2"]);
  expect(picked({ ...election, places: 1 }, ["c1"], "c3")).toEqual(["c3"]);
  expect(joined(election, ["c3", "c1"])).toBe("c1,c3");
  expect([keysOf("c1,c3"), keysOf(""), keysOf("?")]).toEqual([["c1", "c3"], [], []]);
});

test("every secret vote is equally long, whatever is chosen", () => {
  for (const options of [OPTIONS, ballot("v").options]) {
    const one = { ...election, options };
    const lengths = ["", options[0]!.key, `${options[0]!.key},${options[1]!.key}`].map(
      (choice) => choice.length + padding(one, choice).length,
    );
    expect(new Set(lengths).size).toBe(1);
  }
});

test("only an open answer is cast by a tap", () => {
  expect(votesByTap(ballot("v"))).toBe(true);
  expect([votesByTap(ballot("v", { method: "secret" })), votesByTap(election)]).toEqual([false, false]);
});

test("what was voted on secretly is voted on again secretly or on paper, everything else in any way", () => {
  expect(methodsAgain(election)).toEqual(["secret", "paper"]);
  expect(methodsAgain({ method: "open", places: 1 })).toEqual(["open", "named", "secret", "hands", "paper"]);
  expect(methodsAgain({ method: "paper", places: 2 })).toEqual(["open", "named", "secret", "paper"]);
});

test("a result is ranked by votes, with who has won and who is even", () => {
  const chosen = { elected: ["c2"], tied: ["c1", "c3"], blank: 0 };
  const lines = ranked(election, { c1: 7, c2: 9, c3: 7 }, chosen);
  expect(lines.map(({ option, share, standing }) => [option.key, share, standing])).toEqual([
    ["c2", 90, "won"],
    ["c1", 70, "tied"],
    ["c3", 70, "tied"],
  ]);
});

test("names stand by option in order of precedence, and the desk knows who has not voted", () => {
  const standing = meeting(withMembers(member("x", { precedence: 2 }), member("y", { precedence: 1 })));
  const told = ballot("v", { votes: { x: "agree", y: "agree" }, electorate: { x: "x", y: "y" } });
  expect(namesFor(standing, told, "agree")).toEqual(["Người y", "Người x"]);
  expect(notYet(standing, told, ["y"]).map(({ id }) => id)).toEqual(["x"]);
});

test("a ballot that is called is about to open until it does", () => {
  const called = ballot("v", { called_at: 5 });
  expect(calledBallot(meeting({ ballots: { v: called } }))?.id).toBe("v");
  expect(calledBallot(meeting({ ballots: { v: { ...called, state: "open" } } }))).toBeNull();
});

test("the ballot that was voided last in the current item is told to all", () => {
  const voided = (at: number) => ({ asked_by: "a", by: "b", at, reason: "" });
  const ballots = {
    old: ballot("old", { state: "void", voided: voided(1) }),
    last: ballot("last", { state: "void", voided: voided(2) }),
    other: ballot("other", { state: "void", voided: voided(3), item: "i1" }),
  };
  expect(lastVoided(meeting({ ballots }))?.id).toBe("last");
});

test("a vote is put before those who have one in it, a called one before those who hold a mandate", () => {
  const open = meeting(withBallots(ballot("v", { state: "open", electorate: { a: "a", b: "c" } })));
  expect(["a", "b", "c", "khach"].map((who) => askedAbout(open, who)?.id)).toEqual(["v", undefined, "v", undefined]);
  const called = meeting(withBallots(ballot("v", { called_at: 5 })));
  expect(["a", "khach"].map((who) => askedAbout(called, who)?.id)).toEqual(["v", undefined]);
});
