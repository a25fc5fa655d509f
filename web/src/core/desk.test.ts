import { expect, test } from "vitest";
import { ballot, item, meeting, member, paper, request, speech, withBallots, withMembers } from "../deskexample";
import type { Ballot } from "../wire/types";
import * as desk from "./desk";

const absent = { state: "absent", since: 1, late: false, excused: true, reason: "", how: "", by: "" } as const;

test("the register tells the unit's site, and whole minutes spoken, rounded up", () => {
  const standing = meeting({ requests: [request("c", 1), request("b", 2)], spoken: { b: 61_000 } });
  const list = desk.waitingList(standing, false);
  expect(list.map(({ request: { person }, spoken, site }) => [person, spoken, site])).toEqual([
    ["c", 0, "Sở Y tế"],
    ["b", 2, ""],
  ]);
});

test("asking the quiet ones first is offered only where it changes the order, and keeps points of order ahead", () => {
  const standing = meeting({
    requests: [request("e", 4, { kind: "order" }), request("b", 1), request("c", 2)],
    spoken: { b: 60_000 },
  });
  expect(desk.quietOrderDiffers(standing)).toBe(true);
  expect(desk.waitingList(standing, true).map(({ request: { person } }) => person)).toEqual(["e", "c", "b"]);
  expect(desk.quietOrderDiffers(meeting({ requests: [request("b", 1), request("c", 2)] }))).toBe(false);
  // Whom the chair moved forward does not fall back among those who have spoken as little.
  expect(desk.quietOrderDiffers(meeting({ requests: [request("c", 2), request("b", 1)] }))).toBe(false);
});

test("only those present and not speaking can be invited, in order of precedence", () => {
  const standing = meeting({
    speaking: speech("b", { item: "i2" }),
    ...withMembers(
      member("c", { precedence: 3 }),
      member("b"),
      member("a", { precedence: 1 }),
      member("d", { attendance: absent }),
    ),
  });
  expect(desk.invitable(standing).map(({ id }) => id)).toEqual(["a", "c"]);
});

test("the desk is offered the page it reads itself, or the first paper of an item of which nothing is shown", () => {
  const one = paper("p1", "i1");
  const two = paper("p2", "i2");
  const papers = { p1: one, p2: two };
  const shown = { paper: "p1", page: 3, x: 0, y: 0, width: 10_000 };
  expect(desk.offeredPage(meeting({ papers, shown }), null)).toEqual({ paper: two, page: 1, isOpen: false });
  expect(desk.offeredPage(meeting({ papers, shown: { ...shown, paper: "p2" } }), null)).toBeNull();
  expect(desk.offeredPage(meeting({ papers, shown: null }), null)).toMatchObject({ paper: two });
  expect(desk.offeredPage(meeting({ papers: { p1: one }, shown }), null)).toBeNull();
  const own = { paper: one, page: 4 };
  expect(desk.offeredPage(meeting({ papers, shown }), own)).toEqual({ ...own, isOpen: true });
  expect(desk.offeredPage(meeting({ papers, shown }), { paper: one, page: 3 })).toBeNull();
});

test("the electorate counts mandates whose holder is present; a substitute counts only where the type says so", () => {
  const people = withMembers(
    member("a"),
    member("b", { attendance: absent, substituted_by: "x" }),
    member("x", { mandate: false, substitute_for: "b" }),
    member("c", { attendance: absent }),
  );
  expect(desk.electorateNow(meeting(people))).toBe(1);
  const voting = meeting(people);
  expect(desk.electorateNow({ ...voting, rules: { ...voting.rules, substitutes_vote: true } })).toBe(2);
});

test("the desk has to do with the open ballot, then with the item's one to be announced, then with its planned one", () => {
  const planned = ballot("p");
  const closed = ballot("c", { state: "closed" });
  const open = ballot("o", { state: "open", item: "i1" });
  const announced = ballot("n", { state: "announced" });
  expect(desk.deskBallot(meeting(withBallots(planned, closed, open)))?.id).toBe("o");
  expect(desk.deskBallot(meeting(withBallots(planned, closed)))?.id).toBe("c");
  expect(desk.deskBallot(meeting(withBallots(announced, planned)))?.id).toBe("p");
  expect(desk.deskBallot(meeting(withBallots(announced)))?.id).toBe("n");
  expect(desk.deskBallot(meeting(withBallots(ballot("z", { item: "i3" }))))).toBeNull();
});

test("a result of another item that was not announced holds nobody up, and can be turned to", () => {
  const earlier = ballot("e", { state: "closed", item: "i1", closed_at: 1 });
  const planned = ballot("p");
  const waits = meeting(withBallots(earlier, planned));
  expect(desk.deskBallot(waits)?.id).toBe("p");
  expect(desk.deskBallot(meeting(withBallots(earlier)))).toBeNull();
  expect(desk.ballotsBeside(waits, planned).map(({ id }) => id)).toEqual(["e"]);
});

test("beside a result that waits stand the item's planned ballots; beside an open ballot nothing", () => {
  const closed = ballot("c", { state: "closed", closed_at: 2 });
  const planned = ballot("p");
  const elsewhere = ballot("z", { item: "i3" });
  const open = ballot("o", { state: "open" });
  const beside = (...all: Ballot[]): string[] =>
    desk.ballotsBeside(meeting(withBallots(...all)), all[0]!).map(({ id }) => id);
  expect(beside(closed, planned, elsewhere)).toEqual(["p"]);
  expect(beside(planned, closed, elsewhere)).toEqual(["c"]);
  expect(beside(open, closed, planned)).toEqual([]);
});

test("a question is proposed from the item's title", () => {
  expect(desk.questionFor(item("x", { title: "Dự thảo Quyết định" }))).toBe("Thông qua dự thảo Quyết định");
  expect(desk.questionFor(item("x", { title: "Thống nhất trình Hội đồng nhân dân" }))).toBe(
    "Thống nhất trình Hội đồng nhân dân",
  );
});

test("a title that says what is passed is not made to say it twice", () => {
  const asked = (title: string): string => desk.questionFor(item("x", { title }));
  expect(asked("Thông qua Nghị quyết kỳ họp".normalize("NFD"))).toBe("Thông qua Nghị quyết kỳ họp");
  expect(asked("Xem xét, thông qua dự thảo Quyết định")).toBe("Thông qua dự thảo Quyết định");
  expect(asked("Thảo luận và biểu quyết thông qua chương trình")).toBe("Thông qua chương trình");
  expect(asked("Kết quả thực hiện nghị quyết đã được thông qua năm 2025")).toBe(
    "Thông qua kết quả thực hiện nghị quyết đã được thông qua năm 2025",
  );
});

test("one tap leads to the next waiting item, before the first one to the first", () => {
  expect(desk.itemAhead(meeting())?.id).toBe("i3");
  expect(desk.itemAhead(meeting({ items: [item("i1"), item("i2")] }))?.id).toBe("i1");
  expect(desk.itemAhead(meeting({ items: [item("i1", { state: "current" })] }))).toBeNull();
});

test("who might vote at a time that is over are those present, and those who went home later", () => {
  const base = meeting();
  const gone = { ...member("e").attendance, state: "left" as const, since: 500 };
  const standing = { ...base, members: { ...base.members, e: member("e", { attendance: gone }) } };
  expect([499, 500].map((at) => desk.electorateThen(standing, ballot("v"), at))).toEqual([5, 4]);
  const open = ballot("v", { state: "open", electorate: { a: "a" } });
  expect(desk.electorateThen(standing, open, 499)).toBe(1);
});

test("a committee agrees to put a draft resolution to the council, and passes the rest itself", () => {
  const draft = item("x", { title: "Dự thảo Nghị quyết về phân bổ ngân sách năm 2027" });
  expect(desk.questionFor(draft, "chủ trì")).toBe(
    "Thống nhất trình Hội đồng nhân dân dự thảo Nghị quyết về phân bổ ngân sách năm 2027",
  );
  expect(desk.questionFor(draft, "chủ tọa")).toBe("Thông qua dự thảo Nghị quyết về phân bổ ngân sách năm 2027");
});

test("people are found with and without marks, by name, title or unit", () => {
  const people = [member("a", { name: "Đỗ Khắc Nhượng" }), member("b", { name: "Hà Công Đoàn", unit: "Sở Y tế" })];
  expect(desk.findMembers(people, "do khac").map(({ id }) => id)).toEqual(["a"]);
  expect(desk.findMembers(people, "y te đoàn").map(({ id }) => id)).toEqual(["b"]);
  expect(desk.findMembers(people, " ").length).toBe(2);
});

test("why the meeting is not sitting has a sentence for every phase but the open one", () => {
  const phases = ["draft", "published", "open", "break", "closed"] as const;
  expect(phases.map((phase) => desk.whyNotSitting(meeting({ phase })))).toEqual([
    "phase.draft",
    "phase.published",
    null,
    "phase.break",
    "phase.closed",
  ]);
});

test("presenting is taken back from others only", () => {
  expect(desk.otherPresenter(meeting({ presenting: "b" }), "a")?.id).toBe("b");
  expect(desk.otherPresenter(meeting({ presenting: "a" }), "a")).toBeNull();
  expect(desk.otherPresenter(meeting(), "a")).toBeNull();
});

test("a vote is under way until its result is announced", () => {
  const states = ["planned", "open", "closed", "announced"] as const;
  const under = states.map((state) => desk.isVoting(meeting(withBallots(ballot("v", { state })))));
  expect(under).toEqual([false, true, true, false]);
});

test("the desk turns to any result that waits and to each planned ballot of the item, while nothing is open", () => {
  const closed = ballot("c", { state: "closed", item: "i1" });
  const now = withBallots(
    closed,
    ballot("p"),
    ballot("q"),
    ballot("z", { item: "i3" }),
    ballot("n", { state: "announced" }),
  );
  const turned = ["c", "p", "q", "z", "n", "x"].map((id) => desk.turnedTo(meeting(now), id)?.id);
  expect(turned).toEqual(["c", "p", "q", undefined, undefined, undefined]);
  const open = withBallots(closed, ballot("o", { state: "open" }));
  expect(desk.turnedTo(meeting(open), "c")).toBeNull();
});
