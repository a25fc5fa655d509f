/** Who is in which slot, as the forwarder says it. Pure. */

/** The endpoint in each slot of this receiver; null is an empty one. */
export interface Seats {
  readonly video: readonly (string | null)[];
  readonly audio: readonly (string | null)[];
  readonly screen: string | null;
  /** Picture slots that are switched off because the line cannot carry them. */
  readonly off: readonly number[];
}

export const NO_SEATS: Seats = { video: [], audio: [], screen: null, off: [] };

/** The value of a `media.slots` status; anything else is no seats. */
export function readSeats(value: unknown): Seats {
  if (typeof value !== "object" || value === null || !("seats" in value)) return NO_SEATS;
  const { seats, off } = value as { seats: Partial<Omit<Seats, "off">>; off?: readonly number[] };
  return { video: seats.video ?? [], audio: seats.audio ?? [], screen: seats.screen ?? null, off: off ?? [] };
}
