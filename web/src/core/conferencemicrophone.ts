/** My microphone: whether it is live, and why not. Pure. */
import type { Meeting, Speech } from "../wire/types";
import { carriesChair, grants, isLocked, speakerPlace, waits } from "./conference";

/** off: nobody hears me; soon: it opens in a moment; live: everybody hears me. */
export type MicrophoneState = "off" | "soon" | "live";

/**
 * before: not opened yet, test is possible; waiting: opens when the chair invites; muted: closed here; closed: closed
 * by the chair or the technician; locked: not to be opened here any more; waiting_room: not let in yet; break, over:
 * nobody is heard.
 */
export type MicrophoneWhy =
  "before" | "testing" | "waiting" | "muted" | "closed" | "locked" | "waiting_room" | "break" | "over" | Live;
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

/** When the speaker's microphone opens, by the server's clock. */
export function opensAt(speech: Speech): number {
  return speech.opens_at || speech.began_at + WARNING_MS;
}

/** Whole seconds until the speaker is heard; 0 once they are, or where they were all the time. */
export function opensIn(meeting: Meeting, now: number): number {
  const speech = meeting.speaking;
  if (!speech || carriesChair(meeting, speakerPlace(meeting))) return 0;
  return Math.max(0, Math.ceil((opensAt(speech) - now) / 1000));
}

export function microphoneOf(meeting: Meeting, who: string, hand: Hand): Microphone {
  const still = (why: MicrophoneWhy): Microphone => ({ state: "off", why, seconds: 0 });
  if (meeting.phase === "draft" || meeting.phase === "closed") return still("over");
  if (waits(meeting, who)) return still("waiting_room");
  if (!isGranted(meeting, who)) return notGranted(meeting, who, hand);
  if (hand.muted) return still(isLocked(meeting, who) ? "locked" : "muted");
  const why = holdsFloor(meeting, who) ? "floor" : carriesChair(meeting, who) ? "chair" : "open";
  if (hand.now < hand.opensAt) return { state: "soon", why, seconds: Math.ceil((hand.opensAt - hand.now) / 1000) };
  return { state: "live", why, seconds: 0 };
}

function notGranted(meeting: Meeting, who: string, hand: Hand): Microphone {
  const before = meeting.phase === "published";
  if (isLocked(meeting, who) && meeting.phase !== "break") return { state: "off", why: "locked", seconds: 0 };
  if (before && meeting.microphones[who] !== "closed" && hand.testing) {
    return { state: "live", why: "testing", seconds: 0 };
  }
  if (before) return { state: "off", why: meeting.microphones[who] === "closed" ? "closed" : "before", seconds: 0 };
  if (meeting.phase === "break") return { state: "off", why: "break", seconds: 0 };
  const isHeardByRight = holdsFloor(meeting, who) || carriesChair(meeting, who);
  const why = hand.muted ? "muted" : "closed";
  return { state: "off", why: isHeardByRight ? why : "waiting", seconds: 0 };
}
