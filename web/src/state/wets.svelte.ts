/** Lines of others that are growing, by person. */
import type { Drawn } from "../core/ink";
import { draftFrom } from "../core/inkwire";

/** A line being drawn is forgotten when nothing more is heard of it. */
const FORGET_MS = 3_000;

export class Wets {
  #wets = $state.raw<Readonly<Record<string, Drawn>>>({});

  /** What others are drawing on a page now. */
  on(page: number): Drawn[] {
    return Object.values(this.#wets).filter((wet) => wet.page === page);
  }

  /** Somebody's line has grown, or (null, or nothing that can be read) is over. */
  heard(by: string, data: unknown): void {
    const wet = draftFrom(data);
    if (!wet) return this.forget(by);
    this.#wets = { ...this.#wets, [by]: wet };
    setTimeout(() => this.#wets[by] === wet && this.forget(by), FORGET_MS);
  }

  forget(by: string): void {
    if (by in this.#wets) this.#wets = Object.fromEntries(Object.entries(this.#wets).filter(([who]) => who !== by));
  }

  clear(): void {
    this.#wets = {};
  }
}
