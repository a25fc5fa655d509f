/** Who has opened a paper and how far they got, as the chair and the secretary read it. Pure. */
import type { Meeting, Member, Paper } from "../wire/types";
import { showable } from "./desk";

/** Somebody for whom a paper is, as the server tells it; `opened_at` is 0 while they have not opened it. */
export interface Reader {
  readonly person: string;
  /** The beginning of the minute. */
  readonly opened_at: number;
  /** The furthest page they had before them. */
  readonly page: number;
  /** What they opened has been replaced since. */
  readonly outdated: boolean;
}

export interface ReaderLine {
  readonly member: Member;
  readonly reader: Reader;
}

/** A unit with its people, both by precedence. */
export interface UnitLines {
  readonly unit: string;
  readonly lines: readonly ReaderLine[];
}

export interface Readership {
  readonly all: number;
  readonly opened: number;
  /** How many of them have had the last page before them. */
  readonly finished: number;
  readonly notYet: readonly UnitLines[];
  readonly have: readonly UnitLines[];
}

/** The readers of a paper by unit: first those who have not opened it as it is now. */
export function readership(meeting: Meeting, paper: Paper, readers: readonly Reader[]): Readership {
  const lines = readers.flatMap((reader): ReaderLine[] => {
    const member = meeting.members[reader.person];
    return member ? [{ member, reader }] : [];
  });
  const have = lines.filter(({ reader }) => hasOpened(reader));
  return {
    all: lines.length,
    opened: have.length,
    finished: have.filter(({ reader }) => reader.page >= paper.pages).length,
    notYet: byUnit(lines.filter(({ reader }) => !hasOpened(reader))),
    have: byUnit(have),
  };
}

/** The papers one may ask about, the one on screen first, then those of the current item. */
export function watchable(meeting: Meeting): Paper[] {
  const papers = showable(meeting);
  return [...papers].sort((a, b) => Number(b.id === meeting.shown?.paper) - Number(a.id === meeting.shown?.paper));
}

function hasOpened({ opened_at, outdated }: Reader): boolean {
  return opened_at > 0 && !outdated;
}

function byUnit(lines: readonly ReaderLine[]): UnitLines[] {
  const units = new Map<string, ReaderLine[]>();
  for (const line of lines) {
    const unit = line.member.unit || line.member.unit_short;
    units.set(unit, [...(units.get(unit) ?? []), line]);
  }
  return [...units].map(([unit, ones]) => ({ unit, lines: ones }));
}
