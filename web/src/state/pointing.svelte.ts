/** The presenter's pointer and spotlight: mine, told to the others, and theirs, shown as long as they are heard of. */
import { inkStream } from "../core/inkwire";
import { type Point, type PointKind, pointFrom } from "../core/pointing";
import type { LiveClient } from "../wire/live";

/** A point on the screen, or on its way off it. */
export interface Seen {
  readonly version: string;
  readonly point: Point;
  readonly fading: boolean;
}

/** Where it moves to is told this often at most, and where it rests again and again: hints may be lost. */
const TELL_MS = 50;
const AGAIN_MS = 2_000;
/** Two of them may be lost before a point fades. */
const FORGET_MS = 5_000;
const FADE_MS = 400;
/** A pointer that nobody moves any more goes; a spotlight stays until it is put out. */
const RESTS_MS = 6_000;
const MINE = "";

type Timer = ReturnType<typeof setTimeout>;

export class Pointing {
  /** What I point with; null while I do not. */
  tool = $state<PointKind | null>(null);
  #seen = $state.raw<Readonly<Record<string, Seen>>>({});
  readonly #leaving = new Map<string, Timer>();
  #told = 0;
  #telling: Timer | undefined;
  #resting: Timer | undefined;

  constructor(
    private readonly live: Pick<LiveClient, "hint">,
    private readonly me: string,
    /** Where a word about a version goes: with the ink of the page, to those who may read it. */
    private readonly streamOf: (version: string) => string = (version) => inkStream(version, "all", me),
  ) {}

  /** What is pointed at on a page, mine first. */
  on(version: string, page: number): readonly Seen[] {
    return Object.values(this.#seen).filter((one) => one.version === version && one.point.page === page);
  }

  /** Where I point; null while I do not. */
  get mine(): Point | null {
    const mine = this.#seen[MINE];
    return mine && !mine.fading ? mine.point : null;
  }

  take(tool: PointKind | null): void {
    if (this.tool === tool) return;
    this.tool = tool;
    this.lift();
  }

  /** Point there. */
  move(version: string, point: Point): void {
    this.#show(MINE, { version, point, fading: false });
    clearTimeout(this.#resting);
    if (point.kind === "pointer") this.#resting = setTimeout(() => this.lift(), RESTS_MS);
    this.#tellSoon();
  }

  /** Point nowhere. */
  lift(): void {
    const mine = this.#seen[MINE];
    if (!mine || mine.fading) return;
    clearTimeout(this.#telling);
    clearTimeout(this.#resting);
    this.#say(mine.version, null);
    this.#fade(MINE);
  }

  /** Somebody who presents points on a version, or does so no longer. */
  heard = (version: string, by: string, data: unknown): void => {
    const point = pointFrom(data);
    // What I do on another device of mine is shown here, too.
    if (by === this.me && this.tool !== null) return;
    if (point === null) this.#fade(by);
    else {
      this.#show(by, { version, point, fading: false });
      this.#leaving.set(
        by,
        setTimeout(() => this.#fade(by), FORGET_MS),
      );
    }
  };

  close(): void {
    this.take(null);
    for (const timer of this.#leaving.values()) clearTimeout(timer);
  }

  #show(who: string, seen: Seen): void {
    clearTimeout(this.#leaving.get(who));
    this.#seen = { ...this.#seen, [who]: seen };
  }

  #fade(who: string): void {
    const seen = this.#seen[who];
    if (!seen || seen.fading) return;
    this.#show(who, { ...seen, fading: true });
    const gone = (): void => {
      this.#seen = Object.fromEntries(Object.entries(this.#seen).filter(([one]) => one !== who));
    };
    this.#leaving.set(who, setTimeout(gone, FADE_MS));
  }

  /** Tell at once, or when it was told long enough ago; and then again and again. */
  #tellSoon(): void {
    clearTimeout(this.#telling);
    const wait = this.#told + TELL_MS - performance.now();
    if (wait > 0) this.#telling = setTimeout(() => this.#tell(), wait);
    else this.#tell();
  }

  #tell(): void {
    const mine = this.#seen[MINE];
    if (!mine || mine.fading) return;
    this.#told = performance.now();
    this.#say(mine.version, mine.point);
    this.#telling = setTimeout(() => this.#tell(), AGAIN_MS);
  }

  #say(version: string, point: Point | null): void {
    this.live.hint(this.streamOf(version), "pointer", point);
  }
}
