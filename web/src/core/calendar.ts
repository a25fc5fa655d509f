/** The calendar: days and hours in Vietnam, what is today, and what waits for whom. Pure. */
import { currentItem, mandatesOf, numberOf, openBallot } from "./standing";
import type { Listing, Meeting } from "../wire/types";

const VIETNAM_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;

/** A time taken apart, in Vietnam. */
export interface Day {
  /** Days since the epoch: two times with the same number are on the same day. */
  readonly number: number;
  readonly day: number;
  readonly month: number;
  readonly year: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** "08:30". */
  readonly hour: string;
}

export function dayOf(at: number): Day {
  const date = new Date(at + VIETNAM_MS);
  return {
    number: Math.floor((at + VIETNAM_MS) / DAY_MS),
    day: date.getUTCDate(),
    month: date.getUTCMonth() + 1,
    year: date.getUTCFullYear(),
    weekday: date.getUTCDay(),
    hour: date.toISOString().slice(11, 16),
  };
}

/** "2026-11-22" and "08:30" as a time; NaN when something is missing. */
export function timeOf(date: string, hour: string): number {
  const at = Date.parse(`${date}T${hour}:00Z`);
  return at - VIETNAM_MS;
}

/** The day as a date field wants it. */
export function dateField(at: number): string {
  return new Date(at + VIETNAM_MS).toISOString().slice(0, 10);
}

/** My meetings by day: a meeting that is going on belongs to today, whenever it began. */
export interface Days {
  readonly today: readonly Listing[];
  readonly ahead: readonly Listing[];
  readonly past: readonly Listing[];
}

const GOING_ON: readonly string[] = ["open", "break"];

export function byDay(meetings: readonly Listing[], now: number): Days {
  const today = dayOf(now).number;
  const isToday = (one: Listing): boolean => GOING_ON.includes(one.phase) || dayOf(one.starts_at).number === today;
  const early = [...meetings].sort((a, b) => a.starts_at - b.starts_at);
  const running = (one: Listing): number => (GOING_ON.includes(one.phase) ? 0 : one.phase === "closed" ? 2 : 1);
  return {
    today: early.filter(isToday).sort((a, b) => running(a) - running(b)),
    ahead: early.filter((one) => !isToday(one) && dayOf(one.starts_at).number > today),
    past: early.filter((one) => !isToday(one) && dayOf(one.starts_at).number < today).reverse(),
  };
}

/** Something that waits for this person, with the place where it is done. */
export interface Waiting {
  readonly kind: "vote" | "publish" | "paper" | "present" | "minutes";
  readonly meeting: string;
  readonly title: string;
  /** Blanks of the sentence. */
  readonly values: Readonly<Record<string, string | number>>;
  readonly path: string;
  readonly urgent: boolean;
}

type Task = Omit<Waiting, "meeting" | "title">;

/** What this meeting wants of this person now. */
export function waitingFor(meeting: Meeting, me: string): Waiting[] {
  const member = meeting.members[me];
  if (!member) return [];
  const tasks = [...voting(meeting, me), ...preparing(meeting, me), ...presenting(meeting, me)];
  return tasks.map((task) => ({ ...task, meeting: meeting.id, title: meeting.title }));
}

function voting(meeting: Meeting, me: string): Task[] {
  const ballot = openBallot(meeting);
  if (!ballot || ballot.method !== "open" || mandatesOf(ballot, me).length === 0) return [];
  const path = me === meeting.chair ? `/chu-toa/${meeting.id}` : `/hop/${meeting.id}`;
  return [{ kind: "vote", values: { question: ballot.question }, path, urgent: true }];
}

function preparing(meeting: Meeting, me: string): Task[] {
  if (!prepares(meeting, me)) return [];
  const path = `/chuan-bi/${meeting.id}`;
  const tasks: Task[] = [];
  if (meeting.phase === "draft") tasks.push({ kind: "publish", values: {}, path, urgent: false });
  const refused = Object.values(meeting.papers).filter((paper) => paper.state === "refused");
  if (refused.length > 0 && meeting.phase !== "closed")
    tasks.push({ kind: "paper", values: { count: refused.length }, path, urgent: true });
  if (meeting.phase === "closed")
    tasks.push({ kind: "minutes", values: {}, path: `/thu-ky/${meeting.id}`, urgent: false });
  return tasks;
}

function presenting(meeting: Meeting, me: string): Task[] {
  if (meeting.phase !== "published" && meeting.phase !== "open") return [];
  const mine = meeting.items.filter((item) => item.presenter === me && ["waiting", "current"].includes(item.state));
  return mine.map((item) => ({
    kind: "present",
    values: { number: numberOf(meeting, item), item: item.short },
    path: `/hop/${meeting.id}`,
    urgent: item.state === "current",
  }));
}

/** Secretaries and the chair prepare; unit administrators too, but of them the meeting does not know. */
export function prepares(meeting: Meeting, me: string): boolean {
  return meeting.members[me]?.roles.includes("secretary") ?? false;
}

/** Whether the preparation is for whoever is signed in: secretaries, the chair, and administrators of the unit that convenes. */
export function mayPrepare(
  meeting: Meeting,
  me: { readonly person: string; readonly unit: string; readonly offices: readonly string[] },
): boolean {
  const administers = me.offices.includes("unit") && me.unit === meeting.host;
  return administers || me.person === meeting.chair || prepares(meeting, me.person);
}

/** Where somebody belongs in a meeting, most important first. */
export type Desk = "chair" | "secretary" | "technician" | "room" | "prepare";

export function desksOf(meeting: Meeting, me: string): Desk[] {
  const member = meeting.members[me];
  const secretary = prepares(meeting, me);
  if (meeting.phase === "draft") return ["prepare"];
  const desks: Desk[] = [];
  if (me === meeting.chair || me === meeting.controlling) desks.push("chair");
  if (secretary) desks.push("secretary");
  if (member?.roles.includes("technician")) desks.push("technician");
  if (member) desks.push("room");
  // Whoever may have to take over the controls finds the desk without looking for it.
  if (me === meeting.deputy && me !== meeting.controlling && GOING_ON.includes(meeting.phase)) desks.push("chair");
  if (secretary && meeting.phase !== "closed") desks.push("prepare");
  return desks;
}

export const DESK_PATHS: Readonly<Record<Desk, string>> = {
  chair: "/chu-toa",
  secretary: "/thu-ky",
  technician: "/ky-thuat",
  room: "/hop",
  prepare: "/chuan-bi",
};

/** How far a meeting has come: the current item's number, or 0. */
export function progressOf(meeting: Meeting): number {
  const item = currentItem(meeting);
  return item ? numberOf(meeting, item) : 0;
}
