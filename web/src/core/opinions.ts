/** The book of a meeting as this tablet knows it: the twin of `server/meetings/opinions`. */
import type { Amendment, Book, Meeting, Opinion, OpinionEvent, Paper } from "../wire/types";
import { merged } from "./redline";

export const EMPTY: Book = { opinions: {}, amendments: {} };

/** One paragraph of a draft, as the server reads it. */
export interface Passage {
  readonly number: number;
  readonly page: number;
  /** "khoản 2 Điều 5"; empty where nothing says. */
  readonly label: string;
  readonly text: string;
}

/** A sticky comment that was given to others, as the desk sees it. */
export type Stuck = Pick<Opinion, "id" | "person" | "paper" | "page" | "text" | "to" | "at">;

/** A comment as an opinion that has no answer yet. */
export function asOpinion(stuck: Stuck): Opinion {
  return { ...stuck, place: "", answer: "", reply: "", answered_by: "", answered_at: 0 };
}

/** Whether it stands in the book already, as its author's: others may have given an opinion of theirs the same name. */
export function isTaken(book: Book, { id, person, paper }: Stuck): boolean {
  return Object.values(book.opinions).some(
    (one) => one.id.split(".", 1)[0] === id && one.person === person && one.paper === paper,
  );
}

function without<Written>(all: Readonly<Record<string, Written>>, id: string): Readonly<Record<string, Written>> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => key !== id));
}

/** What somebody is about to send. */
export type NewOpinion = Pick<Opinion, "paper" | "page" | "place" | "text" | "to"> & { readonly id?: string };
export type NewAmendment = Pick<Amendment, "paper" | "to" | "reason" | "version"> & {
  readonly id?: string;
  readonly passage: Passage;
  readonly text: string;
};

/** Where a new opinion, or other words for a paragraph, are typed. */
export const OPINION = "opinion";
export const reasonKey = (passage: string): string => `${passage}/reason`;
export const passageKey = (version: string, passage: number): string => `${version}/${passage}`;

/** An answer that is being written. */
export type Reply = Pick<Opinion, "answer" | "reply">;

/** What an answer is written to: a sticky comment that somebody answers meanwhile becomes an opinion, and stays the same. */
export const answeredKey = ({ paper, person, id }: Pick<Opinion, "paper" | "person" | "id">): string =>
  [paper, person, id.split(".", 1)[0]].join("/");

/** What a new opinion is about, from its first letter on: the meeting turns its pages while somebody writes. */
export interface About {
  readonly paper: string;
  /** 0: the whole paper. */
  readonly page: number;
  readonly place: string;
}

/** The book after one event. */
export function fold(book: Book, event: OpinionEvent): Book {
  switch (event.type) {
    case "opinion.written":
    case "opinion.answered":
      return { ...book, opinions: { ...book.opinions, [event.opinion.id]: event.opinion } };
    case "opinion.withdrawn":
      return { ...book, opinions: without(book.opinions, event.opinion.id) };
    case "amendment.proposed":
    case "amendment.decided":
    case "amendment.carried":
      return { ...book, amendments: { ...book.amendments, [event.amendment.id]: event.amendment } };
    case "amendment.withdrawn":
      return { ...book, amendments: without(book.amendments, event.amendment.id) };
  }
}

/** Where something stands: "khoản 2 Điều 5 (trang 3)", in the words given for a page and for the whole paper. */
export function whereWords(
  { place, page }: { readonly place: string; readonly page: number },
  words: { readonly page: (page: number) => string; readonly whole: string },
): string {
  if (!page) return place || words.whole;
  return place ? `${place} (${words.page(page)})` : words.page(page);
}

const rank = (meeting: Meeting, person: string): number =>
  meeting.members[person]?.precedence ?? Number.MAX_SAFE_INTEGER;

/** Opinions on a paper by precedence, then page, then as they were written; as in the table that is taken away. */
export function opinionsOn(book: Book, meeting: Meeting, paper: string): Opinion[] {
  return Object.values(book.opinions)
    .filter((one) => one.paper === paper)
    .sort((a, b) => rank(meeting, a.person) - rank(meeting, b.person) || a.page - b.page);
}

/** Amendments of a paper by paragraph, then by precedence. */
export function amendmentsOf(book: Book, meeting: Meeting, paper: string): Amendment[] {
  return Object.values(book.amendments)
    .filter((one) => one.paper === paper)
    .sort((a, b) => a.passage - b.passage || rank(meeting, a.person) - rank(meeting, b.person));
}

/** Papers in the order of the agenda about which there is something to show. */
export function papersWith(meeting: Meeting, written: readonly { readonly paper: string }[]): Paper[] {
  const about = new Set(written.map(({ paper }) => paper));
  const order = new Map(meeting.items.map((item, at) => [item.id, at]));
  return Object.values(meeting.papers)
    .filter(({ id }) => about.has(id))
    .sort((a, b) => (order.get(a.item) ?? 0) - (order.get(b.item) ?? 0));
}

/** Others of the same paragraph that cannot stand beside this one: they want other words in the same place. */
export function rivals(amendment: Amendment, book: Book): Amendment[] {
  const { paper, version, passage, before, after } = amendment;
  return Object.values(book.amendments).filter(
    (one) =>
      one.id !== amendment.id &&
      one.paper === paper &&
      one.version === version &&
      one.passage === passage &&
      one.state !== "refused" &&
      merged(before, [after, one.after]) === null,
  );
}

/** Whether anything can still be written about a paper. */
export function isOpen(meeting: Meeting, paper: string): boolean {
  const item = meeting.items.find(({ id }) => id === meeting.papers[paper]?.item);
  return ["published", "open", "break"].includes(meeting.phase) && item?.state !== "done";
}

/** How many opinions, sticky comments and amendments wait for an answer. */
export function waitingFor(book: Book, meeting: Meeting, comments: readonly Stuck[]): number {
  const known = ({ paper }: { readonly paper: string }): boolean => paper in meeting.papers;
  const opinions = Object.values(book.opinions).filter((one) => known(one) && one.answer === "");
  const proposed = Object.values(book.amendments).filter((one) => known(one) && one.state === "open");
  return opinions.length + comments.filter(known).length + proposed.length;
}

/** The name of the place a page is about: that of its first named paragraph, or of the last one before it. */
export function placeOn(passages: readonly Passage[], page: number): string {
  const named = passages.filter(({ label }) => label !== "");
  return named.find((one) => one.page === page)?.label ?? named.findLast((one) => one.page < page)?.label ?? "";
}
