/** The first steps on a screen of a meeting: what they point at, when they wait, who has seen them. Pure. */
import { calledBallot } from "./ballots";
import { openBallot } from "./standing";
import type { Meeting } from "../wire/types";

/** A step is named by the part of the screen it points at (`data-tour`). At most five: more is not read. */
export const TOURS = {
  room: ["follow", "ask", "pen", "call", "more"],
  chair: ["act", "queue", "papers", "next", "more"],
  secretary: ["minutes", "people", "agenda", "kit", "help"],
  technician: ["alarms", "sites", "check", "mute", "more"],
} as const;
export type TourName = keyof typeof TOURS;

/** Nothing is explained while there is a vote, while one speaks, or once the meeting is over. */
export function mayExplain(meeting: Meeting, me: string): boolean {
  if (meeting.phase === "closed" || meeting.speaking?.person === me) return false;
  return !openBallot(meeting) && !calledBallot(meeting);
}

/** Written on a device that many use: nobody is shown anything there unless they ask. */
export const NEVER = "off";

/** Whether somebody was shown a tour on this device; `kept` is what stands there. */
export function wasShown(kept: string | null, tour: TourName, person: string): boolean {
  return kept === NEVER || shown(kept).includes(`${tour} ${person}`);
}

/** What stands there once they were: the last two hundred, so that a device for many does not fill up. */
export function withShown(kept: string | null, tour: TourName, person: string): string {
  if (kept === NEVER) return kept;
  const one = `${tour} ${person}`;
  return JSON.stringify([...shown(kept).filter((other) => other !== one), one].slice(-200));
}

function shown(kept: string | null): string[] {
  try {
    const found: unknown = JSON.parse(kept ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return []; // another programme wrote there
  }
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const GAP = 14;

/** Where a card of this size stands so that it hides nothing of what it points at: beside, above or below it. */
export function placeOf(
  target: Box,
  card: { width: number; height: number },
  screen: { width: number; height: number },
) {
  const within = (at: number, size: number, most: number): number => Math.max(8, Math.min(at, most - size - 8));
  const left = within(target.left + target.width / 2 - card.width / 2, card.width, screen.width);
  const top = within(target.top + target.height / 2 - card.height / 2, card.height, screen.height);
  const above = target.top - GAP - card.height;
  const below = target.top + target.height + GAP;
  const before = target.left - GAP - card.width;
  const after = target.left + target.width + GAP;
  if (above >= 8) return { left, top: above };
  if (below + card.height <= screen.height - 8) return { left, top: below };
  if (after + card.width <= screen.width - 8) return { left: after, top };
  if (before >= 8) return { left: before, top };
  // It fills the screen: the card stands on it, where what is read ends, and on nothing else.
  return { left, top: within(target.top + target.height - card.height - 2 * GAP, card.height, screen.height) };
}
