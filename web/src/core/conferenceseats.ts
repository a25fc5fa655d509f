/** Who is in which slot, as the forwarder says it; and how many tiles fit on a wall. Pure. */

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

/** A wall: so many columns and rows, of which the speaker takes `big` × `big`. */
export interface Wall {
  readonly columns: number;
  readonly rows: number;
  readonly big: number;
}

export const WALL_PAGE = 40;

/**
 * The smallest wall of about 16:9 whose speaker leaves room for `count` places (at most 40; beyond, pages of fixed
 * places): 31 places are 8 × 7 with the speaker on 5 × 5.
 */
export function wallFor(count: number): Wall {
  const wanted = Math.min(Math.max(1, count), WALL_PAGE);
  let best: Wall = { columns: 10, rows: 9, big: 7 };
  for (let rows = 3; rows <= 9; rows++) {
    for (const columns of [rows, rows + 1]) {
      for (let big = 2; big < rows; big++) {
        if (isBetter({ columns, rows, big }, best, wanted)) best = { columns, rows, big };
      }
    }
  }
  return best;
}

function places(wall: Wall): number {
  return wall.columns * wall.rows - wall.big * wall.big;
}

/** Larger tiles first, then the larger speaker, then fewer empty places. */
function isBetter(wall: Wall, best: Wall, wanted: number): boolean {
  if (places(wall) < wanted) return false;
  const cells = wall.columns * wall.rows - best.columns * best.rows;
  return cells < 0 || (cells === 0 && wall.big > best.big) || places(best) < wanted;
}
