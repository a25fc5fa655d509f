import type { Drawn } from "../core/ink";
import { Telling } from "../core/inktold";
import { Hinting } from "./hinting";

/**
 * Tells others the line under my pen. One that became a mark is over when the mark has come: told before, the end would
 * overtake it, and whoever watches would see the line vanish for a moment. What became nothing is over at once.
 */
export class Growing {
  readonly #hinting: Hinting<Drawn>;
  #isGrowing = false;
  /** The newest mark that I drew and that has not come yet. */
  #awaited = "";

  constructor(tell: (told: Drawn | null) => void) {
    const telling = new Telling();
    this.#hinting = new Hinting((wet) => tell(telling.of(wet)));
  }

  /** The line as it stands; null when the pen is up. */
  put(wet: Drawn | null): void {
    this.#isGrowing = wet !== null;
    if (wet === null && this.#awaited !== "") this.#hinting.stop();
    else this.#hinting.put(wet);
  }

  /** I drew a mark; it is on its way. */
  became(mark: string): void {
    this.#awaited = mark;
  }

  /** These marks have come to everybody, or never will. */
  settled(marks: Iterable<string>): void {
    if (this.#awaited === "" || ![...marks].includes(this.#awaited)) return;
    this.#awaited = "";
    if (!this.#isGrowing) this.#hinting.put(null);
  }

  /** What is not told yet is told no more. */
  stop(): void {
    this.#hinting.stop();
  }
}
