/** My microphone: whether it is live, and why not. Pure. */
import type { Meeting } from "../wire/types";
import { grants, placeOf, speakerPlace } from "./conference";

/** off: nobody hears me; soon: it opens in a moment; live: everybody hears me. */
export type MicrophoneState = "off" | "soon" | "live";

/**
 * before: not opened yet, test is possible; waiting: opens when the chair invites; muted: closed here; closed: closed
 * by the chair or the technician; break, over: nobody is heard.
 */
export type MicrophoneWhy = "before" | "testing" | "waiting" | "muted" | "closed" | "break" | "over" | Live;
/** Live by right of the floor, of the chair, or because the desk or a technician opened it. */
type Live = "floor" | "chair" | "open";

export interface Microphone {
  readonly state: MicrophoneState;
  readonly why: MicrophoneWhy;
  /** Whole seconds until it opens; 0 unless `soon`. */
  readonly seconds: number;
}

/** What this device adds to the meeting's grants. */
export interface Hand {
  /** Closed here, by hand. */
  readonly muted: boolean;
  /** A test before the opening or in a break. */
  readonly testing: boolean;
  /** When it opens, and now, in the same milliseconds. */
  readonly opensAt: number;
  readonly now: number;
}

/** Time to draw breath before everybody hears. */
export const WARNING_MS = 3_000;

/** Whether the meeting lets this place be heard; in a break nobody is, whatever the forwarder would carry. */
export function isGranted(meeting: Meeting, who: string): boolean {
  return meeting.phase === "open" && grants(meeting).audible.has(who);
}

/** Whether this place holds the floor. */
export function holdsFloor(meeting: Meeting, who: string): boolean {
  return meeting.phase === "open" && speakerPlace(meeting) === who;
}

export function microphoneOf(meeting: Meeting, who: string, hand: Hand): Microphone {
  const still = (why: MicrophoneWhy): Microphone => ({ state: "off", why, seconds: 0 });
  if (meeting.phase === "draft" || meeting.phase === "closed") return still("over");
  if (!isGranted(meeting, who)) return notGranted(meeting, who, hand);
  if (hand.muted) return still("muted");
  const why = holdsFloor(meeting, who) ? "floor" : isChairs(meeting, who) ? "chair" : "open";
  if (hand.now < hand.opensAt) return { state: "soon", why, seconds: Math.ceil((hand.opensAt - hand.now) / 1000) };
  return { state: "live", why, seconds: 0 };
}

function notGranted(meeting: Meeting, who: string, hand: Hand): Microphone {
  const before = meeting.phase === "published";
  if (before && meeting.microphones[who] !== "closed" && hand.testing) {
    return { state: "live", why: "testing", seconds: 0 };
  }
  if (before) return { state: "off", why: meeting.microphones[who] === "closed" ? "closed" : "before", seconds: 0 };
  if (meeting.phase === "break") return { state: "off", why: "break", seconds: 0 };
  const isHeardByRight = holdsFloor(meeting, who) || isChairs(meeting, who);
  const why = hand.muted ? "muted" : "closed";
  return { state: "off", why: isHeardByRight ? why : "waiting", seconds: 0 };
}

function isChairs(meeting: Meeting, who: string): boolean {
  return [meeting.chair, meeting.controlling].some((person) => person !== "" && placeOf(meeting, person) === who);
}
