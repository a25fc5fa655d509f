/** Who is in which slot, as the forwarder says it. Pure. */

/** The endpoint in each slot of this receiver; null is an empty one. */
export interface Seats {
  readonly video: readonly (string | null)[];
  readonly audio: readonly (string | null)[];
  readonly screen: string | null;
  /** Picture slots that are switched off because the line cannot carry them. */
  readonly off: readonly number[];
  /** Those whose picture comes in a coding that this device does not take; after the last stands the screen. */
  readonly dark: readonly number[];
}

export const NO_SEATS: Seats = { video: [], audio: [], screen: null, off: [], dark: [] };

/** The value of a `media.slots` status; anything else is no seats. */
export function readSeats(value: unknown): Seats {
  if (typeof value !== "object" || value === null || !("seats" in value)) return NO_SEATS;
  const { seats, off = [], dark = [] } = value as { seats: Partial<Seats> } & Partial<Pick<Seats, "off" | "dark">>;
  return { video: seats.video ?? [], audio: seats.audio ?? [], screen: seats.screen ?? null, off, dark };
}

/** Why the picture of whoever is in that slot does not come; empty while it does. The screen stands after the last. */
export function slotWord(seats: Seats, slot: number): "" | "weak" | "coding" {
  if (seats.dark.includes(slot)) return "coding";
  return seats.off.includes(slot) ? "weak" : "";
}
