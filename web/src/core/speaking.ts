/** Who has spoken, how often and how long, who never has, and which questions wait for their answer. Pure. */
import type { Meeting, Member, Question, Request } from "../wire/types";
import { csv } from "./csv";
import { byPrecedence, currentItem, isPresent, register } from "./standing";

/** What one person, or one unit, has said so far. */
export interface Spoken {
  readonly key: string;
  /** The person; null in the rows of units. */
  readonly member: Member | null;
  /** The person's unit, or the unit itself. */
  readonly unit: string;
  readonly turns: number;
  readonly ms: number;
  /** Registered on an item that is dealt with or over, and not invited yet. */
  readonly waits: boolean;
}

export interface Statistics {
  /** Those who spoke, the longest first. */
  readonly people: readonly Spoken[];
  readonly units: readonly Spoken[];
  /** Those who came and have not spoken, by precedence. */
  readonly silent: readonly Spoken[];
}

/** The figures at server time `now`; whoever speaks is counted up to this moment. */
export function speakingStatistics(meeting: Meeting, now: number): Statistics {
  const rows = byPrecedence(Object.values(meeting.members)).map((member) => rowOf(meeting, member, now));
  const people = rows.filter((row) => row.ms > 0).sort((a, b) => b.ms - a.ms);
  const silent = rows.filter((row) => row.ms === 0 && row.member !== null && counts(meeting, row.member));
  return { people, units: byUnit(people), silent };
}

function rowOf(meeting: Meeting, member: Member, now: number): Spoken {
  const { speaking } = meeting;
  const running = speaking?.person === member.id ? Math.max(0, now - speaking.began_at) : 0;
  const ms = (meeting.spoken[member.id] ?? 0) + running;
  const turns = (meeting.turns[member.id] ?? 0) + (running > 0 ? 1 : 0);
  const over = new Set(meeting.items.filter((item) => item.state !== "waiting").map((item) => item.id));
  const waits = meeting.requests.some((one) => one.person === member.id && (one.item === "" || over.has(one.item)));
  return { key: member.id, member, unit: member.unit, turns, ms, waits };
}

/** Whoever came to say something: neither technicians, nor those who wrote down what was said. */
function counts(meeting: Meeting, member: Member): boolean {
  const came = isPresent(member) || member.attendance.state === "left";
  const takesPart = member.mandate || member.id === meeting.chair || !member.roles.every((role) => BACKSTAGE.has(role));
  return came && takesPart;
}

const BACKSTAGE: ReadonlySet<string> = new Set(["technician", "secretary"]);

function byUnit(people: readonly Spoken[]): Spoken[] {
  const units = new Map<string, Spoken>();
  for (const { unit, turns, ms, waits } of people) {
    const known = units.get(unit) ?? { key: unit, member: null, unit, turns: 0, ms: 0, waits: false };
    units.set(unit, { ...known, turns: known.turns + turns, ms: known.ms + ms, waits: known.waits || waits });
  }
  return [...units.values()].sort((a, b) => b.ms - a.ms);
}

/** Whole minutes, rounded up: whoever spoke ten seconds has spoken. */
export function wholeMinutes(ms: number): number {
  return Math.ceil(ms / 60_000);
}

/** The words of the table's head, and of what stands where a name would. */
export interface CsvWords {
  readonly head: readonly string[];
  readonly silent: string;
  readonly waits: string;
}

/** The figures as a table (CSV, UTF-8 with the mark that Excel asks for): a line a person, then a line a unit. */
export function speakingCsv({ people, units, silent }: Statistics, words: CsvWords): string {
  const line = (row: Spoken): (string | number)[] => [
    row.member?.name ?? "",
    row.member?.title ?? "",
    row.unit,
    row.turns,
    wholeMinutes(row.ms),
    [row.ms === 0 ? words.silent : "", row.waits ? words.waits : ""].filter(Boolean).join("; "),
  ];
  const rows = [words.head, ...[...people, ...silent].map(line), [], ...units.map(line)];
  return csv(rows);
}

/** Questions without an answer, those being put now included, whose addressee can be asked. */
export function openQuestions(meeting: Meeting): Question[] {
  const { speaking } = meeting;
  const now =
    speaking?.kind === "question" && speaking.to
      ? [{ id: speaking.id, person: speaking.person, to: speaking.to, item: speaking.item, topic: speaking.topic }]
      : [];
  const answering = speaking?.answers ?? "";
  return [...meeting.questions, ...now.map((one): Question => ({ ...one, reply: "" }))].filter(
    (one) => one.reply === "" && one.id !== answering && one.to in meeting.members,
  );
}

/** Registrations for other items than the one dealt with, by item in the agenda's order. */
export function registeredElsewhere(meeting: Meeting): { item: string; requests: Request[] }[] {
  const here = new Set(register(meeting).map((request) => request.id));
  const elsewhere = meeting.requests.filter((request) => !here.has(request.id));
  return meeting.items.flatMap(({ id }) => {
    const requests = elsewhere.filter((request) => request.item === id);
    return requests.length > 0 ? [{ item: id, requests }] : [];
  });
}

/** Before which registration one goes when it moves: to the front, a step up or down; null when it stands there. */
export function registerMove(meeting: Meeting, id: string, step: "first" | -1 | 1): { before: string } | null {
  // Points of order keep the front: nothing goes before them, and they go behind nothing else.
  const kind = meeting.requests.find((request) => request.id === id)?.kind === "order";
  const list = register(meeting).filter((request) => (request.kind === "order") === kind);
  const at = list.findIndex((request) => request.id === id);
  const to = step === "first" ? 0 : at + step;
  if (at < 0 || to === at || to < 0 || to >= list.length) return null;
  return { before: list[to > at ? to + 1 : to]?.id ?? "" };
}

/** The items somebody may register for ahead of time. */
export function itemsAhead(meeting: Meeting): Meeting["items"] {
  const current = currentItem(meeting);
  return meeting.items.filter((item) => item.state === "waiting" && item.id !== current?.id);
}
