import { type Draft, MOST_POINTS, type Mark as Drawn, type Point, type Tool, stored, touches } from "../core/ink";
import type { Spot } from "../core/viewport";

/** A pressed spot on the page, in units; pressure 0 to 1000. */
export interface Mark extends Spot {
  readonly pressure: number;
}

export interface Paint {
  readonly page: number;
  readonly tool: Tool;
  readonly colour: string;
  readonly width: number;
  /** Height of the page, in units: no line leaves the paper. */
  readonly bottom: number;
}

export interface PenHooks {
  /** The line as it grows; null when there is none any more. */
  onwet: (wet: Draft | null) => void;
  onstroke: (stroke: Draft) => void;
  /** Marks the eraser has touched since it came down; empty when it is lifted. */
  onrub: (ids: ReadonlySet<string>) => void;
  onerase: (ids: string[]) => void;
}

/** One line or one rub of the eraser, from the moment it touches to the moment it is lifted. */
export class Pen {
  #paint: Paint | null = null;
  #points: Point[] = [];
  #targets: readonly Drawn[] = [];
  #rubbed = new Set<string>();
  #last: Spot | null = null;

  constructor(private readonly hooks: PenHooks) {}

  /** Whether the pen or eraser is on the page. */
  get down(): boolean {
    return this.#paint !== null || this.#last !== null;
  }

  draw(paint: Paint, mark: Mark): void {
    this.#paint = paint;
    this.#points = [];
    this.add([mark]);
  }

  /** Rub at a spot; `targets` are the marks this hand may erase. */
  erase(targets: readonly Drawn[], mark: Mark, radius: number): void {
    this.#targets = targets;
    this.#last = mark;
    this.rub([mark], radius);
  }

  add(marks: readonly Mark[]): void {
    if (!this.#paint) return;
    for (const { x, y, pressure } of marks) {
      this.#points.push([x, y, pressure]);
      if (this.#points.length >= MOST_POINTS) this.#goOn();
    }
    const { page, tool, colour, width } = this.#paint;
    this.hooks.onwet({ page, tool, colour, width, points: this.#points });
  }

  rub(marks: readonly Mark[], radius: number): void {
    let from = this.#last;
    if (!from) return;
    const before = this.#rubbed.size;
    for (const mark of marks) {
      for (const target of this.#targets) {
        if (touches(target, [from.x, from.y], [mark.x, mark.y], radius)) this.#rubbed.add(target.id);
      }
      from = mark;
    }
    this.#last = from;
    if (this.#rubbed.size !== before) this.hooks.onrub(new Set(this.#rubbed));
  }

  lift(): void {
    const [paint, points, rubbed] = [this.#paint, this.#points, [...this.#rubbed]];
    this.#forget();
    if (paint && points.length > 0) this.#store(paint, points);
    if (rubbed.length > 0) this.hooks.onerase(rubbed);
    this.hooks.onwet(null);
    this.hooks.onrub(new Set());
  }

  /** It was no line after all: a second finger came, or the system took the touch away. */
  cancel(): void {
    this.#forget();
    this.hooks.onwet(null);
    this.hooks.onrub(new Set());
  }

  /** A very long line is stored in pieces that touch. */
  #goOn(): void {
    if (!this.#paint) return;
    this.#store(this.#paint, this.#points);
    this.#points = this.#points.slice(-1);
  }

  #store({ bottom, ...paint }: Paint, points: readonly Point[]): void {
    this.hooks.onstroke({ ...paint, points: stored(points, bottom) });
  }

  #forget(): void {
    this.#paint = null;
    this.#points = [];
    this.#targets = [];
    this.#rubbed = new Set();
    this.#last = null;
  }
}
