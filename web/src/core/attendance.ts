/** The attendance sheet: who is there, who is not and why. Pure. */
import { dateField, timeOf } from "./calendar";
import { byPrecedence, isPresent } from "./standing";
import type { Attendance, Meeting, Member, RecordAttendance } from "../wire/types";

/** One entry of the attendance, as it was made. */
export interface TraceLine {
  readonly at: number;
  readonly by: string;
  readonly person: string;
  readonly name: string;
  readonly before: Attendance;
  readonly after: Attendance;
  readonly corrected: boolean;
  readonly substitute: string;
  /** Who came in their place until then. */
  readonly taken_back: string;
}

/** How the attendance came to be what it is. */
export interface Trace {
  readonly lines: readonly TraceLine[];
  /** By whom, by name. */
  readonly names: Readonly<Record<string, string>>;
}

/** The same as long as nothing of the attendance changes. */
export function attendanceMark(meeting: Meeting): string {
  return JSON.stringify(Object.values(meeting.members).map((one) => [one.attendance, one.substituted_by]));
}

/** How somebody stands on the sheet; each has one word. */
export type Presence = "room" | "site" | "online" | "expected" | "left" | "excused" | "absent" | "substituted";

export function presenceOf(member: Member): Presence {
  const { state, excused } = member.attendance;
  if (member.substituted_by) return "substituted";
  if (state === "absent") return excused ? "excused" : "absent";
  return state;
}

/** The part of the sheet one wants to see. */
export type Part = "all" | "missing" | "away" | "present";

export function inPart(member: Member, part: Part): boolean {
  if (part === "all") return true;
  if (part === "present") return isPresent(member);
  if (part === "missing") return member.attendance.state === "expected" && !member.substituted_by;
  return ["absent", "left"].includes(member.attendance.state) || member.substituted_by !== "";
}

/** Everybody on the sheet by precedence; technicians are at work and not on it. */
export function sheet(meeting: Meeting): Member[] {
  const people = Object.values(meeting.members);
  return byPrecedence(people.filter((one) => one.roles.some((role) => role !== "technician")));
}

export function counts(members: readonly Member[]): Readonly<Record<Part, number>> {
  const count = (part: Part): number => members.filter((member) => inPart(member, part)).length;
  return { all: members.length, missing: count("missing"), away: count("away"), present: count("present") };
}

/** Where somebody is when they are simply there: at their site, in the room, or online. */
export function usualPlace(meeting: Meeting, member: Member): "room" | "site" | "online" {
  const site = meeting.sites[member.site];
  if (site && !site.main) return "site";
  return meeting.form === "online" ? "online" : "room";
}

/** Everybody as they are read out, each group by precedence; substitutes with whom they replace. */
export interface Reading {
  readonly here: readonly Member[];
  readonly late: readonly Member[];
  readonly excused: readonly Member[];
  readonly absent: readonly Member[];
  readonly left: readonly Member[];
  readonly substituted: readonly (readonly [Member, Member])[];
}

export function reading(meeting: Meeting): Reading {
  const people = sheet(meeting);
  const as = (presence: Presence): Member[] => people.filter((one) => presenceOf(one) === presence);
  const here = people.filter(isPresent);
  const pairs = people.flatMap((one) => {
    const substitute = meeting.members[one.substituted_by];
    // One who was named and has not come replaces nobody yet: they are read among those who are away.
    return substitute && isPresent(substitute) ? [[substitute, one] as const] : [];
  });
  // Whoever has not come when the list is read is away, and nobody has said why.
  const absent = people.filter((one) => ["absent", "expected"].includes(presenceOf(one)));
  const late = here.filter((one) => one.attendance.late);
  return { here, late, excused: as("excused"), absent, left: as("left"), substituted: pairs };
}

/** The hour as typed ("08:05") as a time of the day on which the meeting sits; 0 where nothing was typed. */
export function hourTyped(meeting: Meeting, hour: string, now: number): number {
  const sat = meeting.phase === "closed" ? meeting.periods.at(-1)?.began_at : undefined;
  const at = hour === "" ? 0 : timeOf(dateField(sat ?? now), hour);
  return Number.isNaN(at) ? 0 : at;
}

/** The command that puts somebody on the sheet as chosen; lateness only where somebody came. */
export function recording(
  person: string,
  chosen: Exclude<Presence, "substituted">,
  reason: string,
  late: boolean,
  at = 0,
): RecordAttendance {
  const away = chosen === "excused" || chosen === "absent";
  const there = chosen === "room" || chosen === "site" || chosen === "online";
  return {
    type: "attendance.record",
    person,
    state: away ? "absent" : chosen,
    excused: chosen === "excused",
    reason: away || chosen === "left" || (there && late) ? reason.trim() : "",
    late: there && late,
    ...(at > 0 && { at }),
  };
}
