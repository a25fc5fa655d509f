import { type ShapeDraft, storedShape } from "../core/marks";
import type { Spot } from "../core/viewport";

export type Plain = Omit<ShapeDraft, "start" | "end">;

/** A shape drawn from one corner or end to the other. */
export class Shaping {
  #shape: ShapeDraft | null = null;
  #bottom = 0;

  constructor(
    private readonly onwet: (wet: ShapeDraft | null) => void,
    private readonly ondone: (shape: ShapeDraft) => void,
  ) {}

  /** Begin at a spot; `bottom` is the height of the page, in units. */
  begin(plain: Plain, { x, y }: Spot, bottom: number): void {
    this.#bottom = bottom;
    this.#shape = { ...plain, start: [x, y], end: [x, y] };
  }

  drag({ x, y }: Spot): void {
    if (!this.#shape) return;
    this.#shape = { ...this.#shape, end: [x, y] };
    this.onwet(this.#shape);
  }

  lift(): void {
    const done = this.#shape && storedShape(this.#shape, this.#bottom);
    if (done) this.ondone(done);
    this.cancel();
  }

  cancel(): void {
    if (!this.#shape) return;
    this.#shape = null;
    this.onwet(null);
  }
}
