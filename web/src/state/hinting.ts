/**
 * A growing line is told at most this often, and its newest end always within that time. A frame of the screen takes
 * longer, so that what the hand did since the last one waits for nothing.
 */
export const HINT_MS = 16;

/** Tells the first at once, the newest of the next when its time has come, and the end (null) at once. */
export class Hinting<T> {
  #told = -Infinity;
  #next: T | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly tell: (value: T | null) => void) {}

  put(value: T | null): void {
    this.#next = value;
    const wait = this.#told + HINT_MS - performance.now();
    if (value === null || wait <= 0) this.#out();
    else this.#timer ??= setTimeout(() => this.#out(), wait);
  }

  #out(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#told = this.#next === null ? -Infinity : performance.now();
    this.tell(this.#next);
  }

  /** What is not told yet is told no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
