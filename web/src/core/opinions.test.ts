import { describe, expect, test } from "vitest";
import type { Amendment, Book, Meeting, Opinion, OpinionEvent } from "../wire/types";
import {
  EMPTY,
  amendmentsOf,
  asOpinion,
  fold,
  isOpen,
  isTaken,
  opinionsOn,
  papersWith,
  placeOn,
  rivals,
  waitingFor,
  whereWords,
} from "./opinions";

interface Golden {
  readonly before: Book;
  readonly event: OpinionEvent;
  readonly after: Book;
}
const files = import.meta.glob<Golden>("../../../tests/golden/opinions/*.json", { eager: true, import: "default" });

const opinion = (id: string, more: Partial<Opinion> = {}): Opinion => ({
  id,
  person: "an",
  paper: "p",
  text: "Nhất trí.",
  to: "desk",
  at: 1,
  page: 1,
  place: "",
  answer: "",
  reply: "",
  answered_by: "",
  answered_at: 0,
  ...more,
});
const amendment = (id: string, after: string, more: Partial<Amendment> = {}): Amendment => ({
  id,
  person: "an",
  paper: "p",
  version: "v",
  passage: 7,
  page: 1,
  place: "Điều 5",
  before: "Mức là 50 triệu đồng.",
  after,
  to: "desk",
  at: 1,
  reason: "",
  state: "open",
  reply: "",
  decided_by: "",
  decided_at: 0,
  decided_on: 0,
  origin: "",
  lost: "",
  lost_in: "",
  ...more,
});
const book = (opinions: Opinion[], amendments: Amendment[] = []): Book => ({
  opinions: Object.fromEntries(opinions.map((one) => [one.id, one])),
  amendments: Object.fromEntries(amendments.map((one) => [one.id, one])),
});
const MEETING = {
  phase: "open",
  members: { an: { precedence: 5 }, binh: { precedence: 1 } },
  items: [
    { id: "i-1", state: "current" },
    { id: "i-2", state: "done" },
  ],
  papers: { q: { id: "q", item: "i-2" }, p: { id: "p", item: "i-1" } },
} as unknown as Meeting;

describe("the book", () => {
  test.each(Object.entries(files))("folds as on the server: %s", (_, { before, event, after }) => {
    expect(fold(before, event)).toEqual(after);
  });

  test("every kind of event has its golden file", () => {
    expect(Object.keys(files)).toHaveLength(7);
  });

  test("shows opinions by precedence, then page", () => {
    const all = book([opinion("a", { page: 2 }), opinion("b"), opinion("c", { person: "binh", page: 9 })]);
    expect(opinionsOn(all, MEETING, "p").map(({ id }) => id)).toEqual(["c", "b", "a"]);
    expect(opinionsOn(all, MEETING, "q")).toEqual([]);
  });

  test("shows amendments by paragraph, and papers by the agenda", () => {
    const all = [amendment("a", "x", { passage: 9 }), amendment("b", "y"), amendment("c", "z", { paper: "q" })];
    expect(amendmentsOf(book([], all), MEETING, "p").map(({ id }) => id)).toEqual(["b", "a"]);
    expect(papersWith(MEETING, all).map(({ id }) => id)).toEqual(["p", "q"]);
  });

  test("names those who want other words in the same place, unless they were refused", () => {
    const mine = amendment("a", "Mức là 60 triệu đồng.");
    const others = [
      amendment("b", "Mức là 70 triệu đồng."),
      amendment("c", "Mức tối đa là 50 triệu đồng."),
      amendment("d", "Mức là 80 triệu đồng.", { state: "refused" }),
    ];
    expect(rivals(mine, book([], [mine, ...others])).map(({ id }) => id)).toEqual(["b"]);
  });

  test("is open for a paper until its item is done or the meeting closed", () => {
    expect([isOpen(MEETING, "p"), isOpen(MEETING, "q")]).toEqual([true, false]);
    expect(isOpen({ ...MEETING, phase: "closed" }, "p")).toBe(false);
  });

  test("counts what waits, without papers that were taken off", () => {
    const all = book([opinion("a"), opinion("b", { answer: "accepted" }), opinion("c", { paper: "gone" })]);
    const stuck = (paper: string) => ({ ...opinion("s"), paper });
    expect(waitingFor(all, MEETING, [])).toBe(1);
    expect(waitingFor(all, MEETING, [stuck("p"), stuck("gone")])).toBe(2);
    expect(waitingFor(EMPTY, MEETING, [])).toBe(0);
  });

  test("fills in the place of a page by itself", () => {
    const at = (number: number, page: number, label: string) => ({ number, page, label, text: "" });
    const passages = [at(1, 1, ""), at(2, 1, "Điều 1"), at(3, 3, "khoản 1 Điều 2")];
    expect([1, 2, 3].map((page) => placeOn(passages, page))).toEqual(["Điều 1", "Điều 1", "khoản 1 Điều 2"]);
    expect(placeOn([], 1)).toBe("");
  });

  test("finds a comment again in the book by its author and paper as well, and under a second name", () => {
    const stuck = { id: "c-1", person: "a", paper: "p", page: 1, text: "Rõ.", to: "all" as const, at: 1 };
    const holds = (...found: Partial<Opinion>[]): Book => ({
      ...EMPTY,
      opinions: Object.fromEntries(found.map((one) => [one.id!, { ...asOpinion(stuck), ...one }])),
    });
    expect(isTaken(holds({ id: "c-1", person: "b" }), stuck)).toBe(false);
    expect(isTaken(holds({ id: "c-1", person: "b" }, { id: "c-1.2" }), stuck)).toBe(true);
    expect(isTaken(holds({ id: "c-1" }), stuck)).toBe(true);
    expect(isTaken(holds({ id: "c-1", paper: "q" }), stuck)).toBe(false);
  });

  test("says where something stands", () => {
    const words = { page: (page: number) => `trang ${page}`, whole: "toàn bộ" };
    expect(whereWords({ place: "Điều 5", page: 3 }, words)).toBe("Điều 5 (trang 3)");
    expect(whereWords({ place: "", page: 3 }, words)).toBe("trang 3");
    expect(whereWords({ place: "", page: 0 }, words)).toBe("toàn bộ");
  });
});
