/** A growing line as others are told of it. Pure. */
import { stored } from "./ink";
import { type Drawn, type Point, isStroke } from "./marks";

/** Points of a growing line that are told; a longer one is told more roughly, but whole. */
export const MOST_TOLD = 400;
/** The line is thinned by pieces of so many points. */
const PIECE = 16;

/** What is told of one line after the other: its beginning as before, so that whoever draws it need not begin anew. */
export class Telling {
  #first: Point | undefined;
  #told: Point[] = [];
  /** How many points the told beginning stands for. */
  #upTo = 0;

  of(wet: Drawn | null): Drawn | null {
    return wet && isStroke(wet) ? { ...wet, points: this.#thinned(wet.points) } : wet;
  }

  #thinned(points: readonly Point[]): Point[] {
    if (points[0] !== this.#first) [this.#first, this.#told, this.#upTo] = [points[0], [], 0];
    while (points.length - this.#upTo > 2 * PIECE) {
      const next = this.#upTo + PIECE;
      this.#told.push(...stored(points.slice(this.#upTo, next + 1)).slice(0, -1));
      this.#upTo = next;
    }
    const whole = [...this.#told, ...stored(points.slice(this.#upTo))];
    return whole.length > MOST_TOLD ? stored(whole, undefined, MOST_TOLD) : whole;
  }
}
