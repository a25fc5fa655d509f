/** How a lost connection is told: not at all, by the lamp, by a strip. */

export type LineStep = "fine" | "reconnecting" | "lost";

/** A line also ends: nobody comes back on it without coming in anew. */
export type LineStanding = LineStep | "ended";

/** Milliseconds without a connection before the lamp turns amber, and before the strip appears. */
const RECONNECTING_AFTER = 3_000;
const LOST_AFTER = 15_000;

/** The step after so many milliseconds without a connection; null is connected. */
export function lineStep(lostFor: number | null): LineStep {
  if (lostFor === null || lostFor < RECONNECTING_AFTER) return "fine";
  return lostFor < LOST_AFTER ? "reconnecting" : "lost";
}
