/** Preparing a meeting: what is missing, a short title for a long one, what somebody may be. Pure. */
import { dayOf, dateField } from "./calendar";
import type { Item, Meeting, Member, Paper, Role, Site } from "../wire/types";

/** What the meeting is, as the form holds it: day and hours apart, in Vietnam. */
export interface Description {
  title: string;
  form: Meeting["form"];
  place: string;
  date: string;
  from: string;
  to: string;
  /** Nobody takes its papers along, and it is not recorded. */
  internal: boolean;
}

export function blankDescription(date: string): Description {
  return { title: "", form: "hybrid", place: "", date, from: "08:00", to: "11:00", internal: false };
}

export function descriptionOf(meeting: Meeting): Description {
  const { title, form, place, starts_at, ends_at, internal } = meeting;
  const [from, to] = [dayOf(starts_at).hour, dayOf(ends_at).hour];
  return { title, form, place, date: dateField(starts_at), from, to, internal };
}

/** Longest short title, as on the server. */
export const SHORT = 45;

const OPENINGS = [
  /^(thông qua|xem xét|cho ý kiến( về| đối với)?|báo cáo( về)?|trình bày)\s+/i,
  /^(dự thảo\s+)?(nghị quyết|quyết định|kế hoạch|đề án|tờ trình|báo cáo)\s+(của\s+\S+\s+\S+\s+\S+\s+\S+\s+)?(về việc|quy định( về)?|ban hành|về)\s+/i,
];

/** A short title proposed for a long one: without the form of the paper, cut at a word, at most 45 characters. */
export function shortTitle(title: string): string {
  const whole = title.replace(/\s+/g, " ").trim();
  if (whole.length <= SHORT) return whole;
  const bare = OPENINGS.reduce((text, opening) => text.replace(opening, ""), whole);
  const part = bare.split(/[;:,(]|\s[–-]\s(?!\d)/)[0]?.trim() ?? bare;
  const text = part.length >= 12 ? part : bare;
  const capital = text.charAt(0).toLocaleUpperCase("vi") + text.slice(1);
  return cutAtWord(capital);
}

function cutAtWord(text: string): string {
  if (text.length <= SHORT) return text;
  const cut = text.slice(0, SHORT - 1);
  const end = cut.lastIndexOf(" ");
  return `${cut.slice(0, end > 20 ? end : cut.length).replace(/\s+(và|của|về|cho|đối|tại|trên|từ|với|có|ra|là|ở|do|theo|để|các|những)$/u, "")}…`;
}

/** A title proposed for an uploaded file: its name without the ending, with blanks for underscores. */
export function titleOfFile(name: string): string {
  return name
    .normalize("NFC")
    .replace(/\.[a-z0-9]{2,5}$/i, "")
    .replace(/[_+]+/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 600);
}

/** Something to be done before publishing; what is `blocking` the server insists on. */
export interface Missing {
  readonly kind:
    | "chair"
    | "items"
    | "people"
    | "deputy"
    | "votes"
    | "papers_waiting"
    | "papers_refused"
    | "items_without_papers"
    | "main_site"
    | "notice";
  readonly blocking: boolean;
  readonly count: number;
  readonly names: string;
  readonly part: PreparePart;
}

export type PreparePart = "agenda" | "people" | "sites" | "seats" | "ballots" | "about";

const WORKING_DAYS = 3;

const PROCEDURE =
  /^(phát biểu )?(khai mạc|bế mạc|kết luận|giải lao|nghỉ giải lao|tạm nghỉ|chào cờ|tuyên bố lý do|giới thiệu đại biểu|điểm danh|ổn định)/i;

/** Whether an item looks like procedure (opening, break, conclusions, closing), as far as its title says. */
export function looksLikeProcedure(title: string): boolean {
  return PROCEDURE.test(title.normalize("NFC").trim());
}

/** Whether papers belong to an item: as its preparer said, else as its title says. */
export function wantsPapers(item: Item): boolean {
  return item.kind === "" ? !looksLikeProcedure(item.title) : item.kind === "content";
}

export function missing(meeting: Meeting, now: number): Missing[] {
  const papers = Object.values(meeting.papers);
  const waiting = papers.filter((paper) => paper.state === "waiting");
  const refused = papers.filter((paper) => paper.state === "refused");
  const bare = meeting.items.filter((item) => wantsPapers(item) && !papers.some((paper) => paper.item === item.id));
  const sites = Object.values(meeting.sites);
  const voters = Object.values(meeting.members).filter((member) => member.mandate);
  const found: (Missing | false)[] = [
    meeting.chair === "" && gap("chair", "people", true),
    meeting.items.length === 0 && gap("items", "agenda", true),
    Object.keys(meeting.members).length < 2 && gap("people", "people"),
    meeting.deputy === "" && gap("deputy", "people"),
    meeting.rules.votes && voters.length === 0 && gap("votes", "people"),
    refused.length > 0 && gap("papers_refused", "agenda", false, refused),
    waiting.length > 0 && gap("papers_waiting", "agenda", false, waiting),
    bare.length > 0 && gap("items_without_papers", "agenda", false, bare),
    sites.length > 0 && !sites.some((site) => site.main) && gap("main_site", "sites"),
    meeting.phase === "draft" && workingDays(now, meeting.starts_at) < WORKING_DAYS && gap("notice", "about"),
  ];
  const begun = meeting.phase === "open" || meeting.phase === "break";
  return found.filter((one) => one !== false).filter((one) => !begun || STILL_MATTERS.includes(one.kind));
}

/** Once the meeting sits, only what readers miss on their tablets is still worth saying. */
const STILL_MATTERS: readonly Missing["kind"][] = ["papers_waiting", "papers_refused"];

function gap(
  kind: Missing["kind"],
  part: PreparePart,
  blocking = false,
  of: readonly { short: string }[] = [],
): Missing {
  return { kind, part, blocking, count: of.length, names: of.map((one) => one.short).join("; ") };
}

/** Whole working days between two times: Saturdays and Sundays do not count (QĐ 45/2018/QĐ-TTg asks for three). */
export function workingDays(from: number, to: number): number {
  let count = 0;
  for (let day = dayOf(from).number + 1; day < dayOf(to).number; day += 1) {
    const weekday = (day + 4) % 7; // day 0 was a Thursday
    if (weekday !== 0 && weekday !== 6) count += 1;
  }
  return count;
}

/** What a preparer may make of somebody. */
export type Part = "member" | "delegate" | "guest" | "secretary" | "technician";

export function partOf(member: Member): Part {
  if (member.roles.includes("secretary")) return "secretary";
  if (member.roles.includes("technician") && member.roles.length === 1) return "technician";
  if (member.roles.includes("guest")) return "guest";
  return member.mandate ? "member" : "delegate";
}

/** The roles and the vote that go with a part. A secretary or technician may vote too only when they did before. */
export function rolesFor(part: Part): { roles: readonly Role[]; mandate: boolean } {
  if (part === "member") return { roles: ["delegate"], mandate: true };
  return { roles: [part], mandate: false };
}

export function sitesInOrder(meeting: Meeting): Site[] {
  return Object.values(meeting.sites).sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
}

export function papersInOrder(meeting: Meeting, item: Item): Paper[] {
  return Object.values(meeting.papers).filter((paper) => paper.item === item.id);
}

/** An id for a new site, free in this meeting: "diem-cau-12". */
export function freshSiteId(meeting: Meeting): string {
  let number = Object.keys(meeting.sites).length + 1;
  while (`diem-cau-${number}` in meeting.sites || `diem-cau-${number}` in meeting.members) number += 1;
  return `diem-cau-${number}`;
}

/** Before which item another one goes when it moves a step; null when it cannot. */
export function moveTarget(items: readonly Item[], id: string, step: -1 | 1): { before: string } | null {
  const at = items.findIndex((item) => item.id === id);
  if (at < 0 || at + step < 0 || at + step >= items.length) return null;
  const before = step === -1 ? items[at - 1] : items[at + 2];
  return { before: before?.id ?? "" };
}

/** A person of the tree, as everybody signed in may know them. */
export interface Card {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly unit_name: string;
  readonly short: string;
  readonly precedence: number;
}

export interface Unit {
  readonly id: string;
  readonly name: string;
  readonly short: string;
  readonly kind: string;
  readonly parent: string;
  readonly order: number;
  /** Merged or dissolved: nothing new is put into it. */
  readonly retired: boolean;
}

/** A way into the meeting for a site or a guest; its code is shown once. */
export interface WayIn {
  readonly code: string;
  readonly link: string;
  /** A drawing: SVG text or a data address. */
  readonly qr: string;
}

/** A file on its way up. */
export interface Upload {
  readonly id: string;
  readonly item: string;
  readonly name: string;
  /** Part of the file that has gone out, 0 to 1. */
  readonly share: number;
  /** Why it was refused, as a sentence; null while all is well. */
  readonly problem: string | null;
}

/** As on the server: a room of the register that can join meetings. */
export interface RegisteredSite {
  readonly id: string;
  readonly unit: string;
  readonly name: string;
  readonly short: string;
  readonly order: number;
  readonly main: boolean;
  readonly room: string;
  readonly technician: string;
  readonly technician_name: string;
  readonly telephones: readonly string[];
  readonly spare_line: string;
  readonly places: number;
  readonly equipment: readonly string[];
  readonly codec: string;
  /** Out of use: not offered to new meetings. */
  readonly retired: boolean;
}

/** The site of a meeting for one of the register; a second main site joins as a branch. */
export function siteFrom(known: RegisteredSite, meeting: Meeting): Site {
  const { id, unit, name, short, order, room } = known;
  const main = known.main && !Object.values(meeting.sites).some((site) => site.main);
  return {
    id,
    unit,
    name,
    short,
    order,
    room,
    main,
    technician: known.technician_name,
    telephone: known.telephones[0] ?? "",
  };
}

/** Those of the register that are in use and not in the meeting yet, in protocol order. */
export function notJoined(known: readonly RegisteredSite[], meeting: Meeting): RegisteredSite[] {
  return known
    .filter((site) => !site.retired && !(site.id in meeting.sites) && !(site.id in meeting.members))
    .sort((a, b) => a.order - b.order || a.id.localeCompare(b.id));
}

/** How a paper came through its conversion: pages that could not be drawn, and what a refusal names. */
export interface Shelved {
  readonly broken: number;
  readonly details: Readonly<Record<string, unknown>>;
}
