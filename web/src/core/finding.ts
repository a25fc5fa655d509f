/** Searching the papers of all meetings: what is looked for, what was found, and the addresses of both. Pure. */
import { timeOf } from "./calendar";

/** A stretch of an excerpt. */
export interface Piece {
  readonly text: string;
  readonly hit: boolean;
}
export interface FoundPage {
  readonly page: number;
  /** Empty where the text is not handed out. */
  readonly pieces: readonly Piece[];
}
export interface FoundPaper {
  readonly paper: string;
  readonly title: string;
  readonly item: string;
  /** How many of its pages there are in all. */
  readonly pages: number;
  readonly withheld: boolean;
  readonly found: readonly FoundPage[];
}
export interface FoundMeeting {
  readonly meeting: string;
  readonly title: string;
  readonly kind: string;
  readonly phase: string;
  readonly starts_at: number;
  readonly papers: readonly FoundPaper[];
}
export interface Found {
  readonly meetings: readonly FoundMeeting[];
  readonly papers: number;
  readonly pages: number;
  /** Papers that are not among these. */
  readonly left: number;
  /** Words of some papers are not kept yet. */
  readonly reading: boolean;
}

/** What is looked for, as it is typed; days as `2026-11-23`, empty: any. */
export interface Sought {
  readonly words: string;
  readonly kind: string;
  readonly since: string;
  readonly until: string;
}
export const NOTHING: Sought = { words: "", kind: "", since: "", until: "" };

const NAMES = { words: "tim", kind: "loai", since: "tu", until: "den" } as const;
const FIELDS = Object.keys(NAMES) as (keyof Sought)[];

/** What follows a `#`: names and what is said of them, as far as anything is. */
function written(said: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(said).filter(([, text]) => text !== "");
  return pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join("&");
}

function readFrom(hash: string): ReadonlyMap<string, string> {
  const pairs = hash.replace(/^#/, "").split("&");
  return new Map(pairs.map((pair) => [pair.split("=")[0] ?? "", decoded(pair.slice(pair.indexOf("=") + 1))]));
}

/** Somebody may have cut an address in the middle of a letter. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** The address of a search. Its words stand behind the `#`, which browsers tell no server. */
export function addressOf(sought: Sought): string {
  const said = written(Object.fromEntries(FIELDS.map((field) => [NAMES[field], sought[field].trim()])));
  return said === "" ? "/tim-kiem" : `/tim-kiem#${said}`;
}

export function soughtIn(hash: string): Sought {
  const said = readFrom(hash);
  return Object.fromEntries(FIELDS.map((field) => [field, said.get(NAMES[field]) ?? ""])) as unknown as Sought;
}

const DAY_MS = 86_400_000;

/** The question to the server: days are Vietnam's, the last one counts whole. */
export function questionOf({ words, kind, since, until }: Sought): Record<string, string | number> {
  const begin = (day: string): number => timeOf(day, "00:00") || 0;
  const end = begin(until);
  return { words, kind, since: begin(since), until: end === 0 ? 0 : end + DAY_MS };
}

/** A page to open in a meeting, and words to look for there. */
export interface Spot {
  readonly paper: string;
  readonly page: number;
  readonly words: string;
}

/** The address of a found page: what is marked in its excerpt is looked for in the paper, the longest of it. */
export function pageAddress(meeting: string, paper: string, { page, pieces }: FoundPage): string {
  const hits = pieces.filter(({ hit }) => hit).map(({ text }) => text);
  const words = hits.reduce((longest, text) => (text.length > longest.length ? text : longest), "");
  return `/hop/${encodeURIComponent(meeting)}#${written({ "tai-lieu": paper, trang: `${page}`, tim: words })}`;
}

export function spotIn(hash: string): Spot | null {
  const said = readFrom(hash);
  const [paper, page] = [said.get("tai-lieu") ?? "", Number(said.get("trang"))];
  return paper !== "" && Number.isInteger(page) && page > 0 ? { paper, page, words: said.get("tim") ?? "" } : null;
}

/** How many papers are here. */
export function papersIn(found: Found): number {
  return found.meetings.reduce((sum, { papers }) => sum + papers.length, 0);
}

/** What was found with what comes after it; a meeting that was divided is one again. */
export function joined(found: Found, more: Found): Found {
  const [next, ...others] = more.meetings;
  const last = found.meetings.at(-1);
  if (!next || !last || next.meeting !== last.meeting)
    return { ...more, meetings: [...found.meetings, ...more.meetings] };
  const known = new Set(last.papers.map(({ paper }) => paper));
  const papers = [...last.papers, ...next.papers.filter(({ paper }) => !known.has(paper))];
  return { ...more, meetings: [...found.meetings.slice(0, -1), { ...last, papers }, ...others] };
}

/** The same with more pages of one paper. */
export function withPages(found: Found, paper: string, pages: readonly FoundPage[]): Found {
  const added = (one: FoundPaper): FoundPaper =>
    one.paper === paper ? { ...one, found: [...one.found, ...pages] } : one;
  return {
    ...found,
    meetings: found.meetings.map((meeting) => ({ ...meeting, papers: meeting.papers.map(added) })),
  };
}
