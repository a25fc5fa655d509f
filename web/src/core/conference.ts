/** Who is heard and who is seen, as `server/meetings/conference.py`; and what a screen says about it. Pure. */
import type { Meeting, Member, Request } from "../wire/types";
import { register } from "./standing";

/** What the forwarder enforces; as `Grants` on the server. */
export interface Grants {
  readonly audible: ReadonlySet<string>;
  readonly floor: string;
  readonly stage: string;
  readonly screen: string;
}

/** The pictures beside the stage that a site's screen has places for; as on the server. */
export const SITE_TILES = 8;

const NOBODY: Grants = { audible: new Set(), floor: "", stage: "", screen: "" };

/** The grants that follow from the meeting as it stands. */
export function grants(meeting: Meeting): Grants {
  if (meeting.phase === "draft" || meeting.phase === "closed") return NOBODY;
  const floor = speakerPlace(meeting);
  const heard = new Set([...chairPlaces(meeting), ...(floor ? [floor] : [])]);
  // A site on the telephone is heard in the main room.
  if (telephoneOf(meeting, floor) && mainSite(meeting)) heard.add(mainSite(meeting));
  if (meeting.phase === "published") for (const who of everybody(meeting)) if (!isLocked(meeting, who)) heard.add(who);
  const hands = meeting.microphones;
  // In a break nobody is heard, and who waits to be let in never is.
  const asked = meeting.phase === "break" ? [] : [...heard, ...Object.keys(hands)];
  const open = asked.filter((who) => (hands[who] ?? (heard.has(who) ? "open" : "closed")) === "open");
  const audible = open.filter((who) => !waits(meeting, who));
  const stage = meeting.pinned || floor || mainSite(meeting) || meeting.chair;
  return { audible: new Set(audible), floor, stage, screen: meeting.sharing };
}

/** Whether this is a site that has not been let in yet; the main site and the chair's never wait. */
export function waits(meeting: Meeting, who: string): boolean {
  const site = meeting.sites[who];
  if (!meeting.waiting_room || !site || site.main || meeting.admitted.includes(who)) return false;
  return !chairPlaces(meeting).includes(who);
}

/** Whether somebody may not open their own microphone; whoever carries the chair always may. */
export function isLocked(meeting: Meeting, who: string): boolean {
  return meeting.locked.includes(who) && !chairPlaces(meeting).includes(who);
}

/** Whether this place carries the chair, or who holds the controls. */
export function carriesChair(meeting: Meeting, who: string): boolean {
  return chairPlaces(meeting).includes(who);
}

function everybody(meeting: Meeting): string[] {
  return [...Object.keys(meeting.sites), ...Object.keys(meeting.members)];
}

/** The main site's id, or empty. */
export function mainSite(meeting: Meeting): string {
  return Object.values(meeting.sites).find((site) => site.main)?.id ?? "";
}

/** The number under which a site is there by telephone now; empty while it is not. */
export function telephoneOf(meeting: Meeting, site: string): string {
  const last = meeting.voices[site]?.at(-1);
  return last && !last.ended_at ? last.number : "";
}

/** The site, or the person themselves, whose camera and microphone carry this person. */
export function placeOf(meeting: Meeting, person: string): string {
  const member = meeting.members[person];
  if (!member) return "";
  if (member.attendance.state === "online") return person;
  if (member.attendance.state === "room") return mainSite(meeting) || person;
  return member.site || mainSite(meeting) || person;
}

/** Where the speaker is heard from; empty when nobody has the floor. */
export function speakerPlace(meeting: Meeting): string {
  return meeting.speaking ? placeOf(meeting, meeting.speaking.person) : "";
}

function chairPlaces(meeting: Meeting): string[] {
  return [meeting.chair, meeting.controlling].map((who) => placeOf(meeting, who)).filter(Boolean);
}

/**
 * Whether somebody's own camera and microphone belong to the conference; a tablet in a room with a camera does not.
 * While the system is stopped nobody's do: both are let go of, not merely unheard.
 */
export function sendsItself(meeting: Meeting, who: string): boolean {
  if (meeting.phase === "draft" || meeting.phase === "closed" || meeting.stopped) return false;
  return who in meeting.sites || placeOf(meeting, who) === who;
}

/** Whether somebody sees the conference at all now. */
export function takesPart(meeting: Meeting, who: string): boolean {
  if (meeting.stopped) return false;
  if (who in meeting.sites) return ["published", "open", "break"].includes(meeting.phase);
  if (!(who in meeting.members)) return false;
  return meeting.phase === "open" || meeting.phase === "break" || sendsItself(meeting, who);
}

/** What to call a site or a person under a picture. */
export function nameOf(meeting: Meeting, who: string): string {
  const site = meeting.sites[who];
  if (site) return site.name;
  const member = meeting.members[who];
  return member ? [member.name, member.unit_short].filter(Boolean).join(" · ") : "";
}

/** Who of a place speaks next. */
export interface Turn {
  readonly member: Member;
  readonly request: Request;
  /** How many speak before: whoever holds the floor counts. */
  readonly before: number;
}

/** The first of this place in the register, when at most `within` speak before; else null. */
export function upNext(meeting: Meeting, place: string, within = 2): Turn | null {
  if (meeting.phase !== "open") return null;
  const waiting = register(meeting);
  const at = waiting.findIndex((request) => placeOf(meeting, request.person) === place);
  const request = waiting[at];
  const member = request && meeting.members[request.person];
  const before = at + (meeting.speaking ? 1 : 0);
  return member && before <= within ? { member, request, before } : null;
}

/** Who is invited next if the order of the register is kept. */
export function nextSpeaker(meeting: Meeting): Member | null {
  const first = register(meeting)[0];
  return (first && meeting.members[first.person]) ?? null;
}
