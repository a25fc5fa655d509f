/** Checking in by the code at the door: the hall's screen shows it, one's own telephone or tablet reads it. */
import { ask, Problem } from "../wire/http";
import type { Answer } from "../wire/commands";
import type { Arrive, Meeting } from "../wire/types";

/** What the hall shows. */
export interface DoorCode {
  readonly link: string;
  readonly qr: string;
}

const door = (meeting: string): string => `/api/meetings/${encodeURIComponent(meeting)}`;

export function doorCode(meeting: string): Promise<DoorCode> {
  return ask<DoorCode>("GET", `${door(meeting)}/check-in`);
}

export async function meetingAt(meeting: string): Promise<Meeting> {
  return (await ask<{ state: Meeting }>("GET", door(meeting))).state;
}

/** I am in the hall: on record before this returns. The same `id` again is the same arrival. */
export async function checkIn(meeting: string, id: string): Promise<Meeting> {
  const command: Arrive = { type: "attendance.arrive", place: "room", how: "qr" };
  const answer = await ask<Answer>("POST", `${door(meeting)}/commands`, { body: { id, command } });
  if (!answer.ok) throw new Problem(answer.code ?? "", answer.details);
  return meetingAt(meeting);
}
