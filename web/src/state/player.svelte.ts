/** Plays a recording: one clock, and several files that follow it, so that voices, picture and page stay together. */
import { type Part, type Segment, type TrackName, fileAt, lengthOf, momentAt, positionOf } from "../core/playback";

/** A file may be so far from the clock before it is nudged, and before it is set anew; in seconds. */
const NUDGE_S = 0.03;
const JUMP_S = 0.35;
const NUDGED = 0.06;
const TICK_MS = 100;
/** A file that does not come holds the others up so long, then they go on without it. */
const PATIENCE_MS = 8_000;

/** What the player needs of a `<video>` or `<audio>` element. */
export type Media = Pick<
  HTMLMediaElement,
  | "currentTime"
  | "duration"
  | "ended"
  | "error"
  | "paused"
  | "pause"
  | "play"
  | "playbackRate"
  | "readyState"
  | "seeking"
> & { src: string; removeAttribute(name: string): void; load(): void };

export class Player {
  /** Milliseconds of the recording's own time. */
  position = $state(0);
  playing = $state(false);
  rate = $state(1);
  /** Waiting for files. */
  waiting = $state(false);
  /** Which tracks have something to show or to say now. */
  there = $state.raw<ReadonlySet<TrackName>>(new Set());

  readonly length: number;
  private readonly elements = new Map<TrackName, { element: Media; file: string }>();
  private readonly timer: ReturnType<typeof setInterval>;
  private at: number;
  private held = 0;

  constructor(
    readonly parts: readonly Part[],
    private readonly segments: readonly Segment[],
    private readonly url: (file: string) => string,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.length = lengthOf(parts);
    this.at = clock();
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  readonly moment = $derived.by(() => momentAt(this.parts, this.position));

  /** This element plays this track from now on; the returned function takes it away again. */
  carry(track: TrackName, element: Media): () => void {
    this.elements.set(track, { element, file: "" });
    this.follow();
    return () => this.elements.delete(track);
  }

  play(): void {
    if (this.position >= this.length) this.position = 0;
    this.at = this.clock();
    this.playing = true;
    this.follow();
  }

  pause(): void {
    this.playing = false;
    this.follow();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  seek(position: number): void {
    this.position = Math.max(0, Math.min(position, this.length));
    this.at = this.clock();
    this.held = 0;
    this.follow();
  }

  /** To a moment of the meeting; into a gap: where the recording goes on. */
  seekTo(moment: number): void {
    this.seek(positionOf(this.parts, moment));
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.follow();
  }

  close(): void {
    clearInterval(this.timer);
    this.playing = false;
    for (const { element } of this.elements.values()) element.pause();
  }

  /** The clock goes on, unless a file is awaited. */
  tick(): void {
    const now = this.clock();
    const passed = now - this.at;
    this.at = now;
    if (!this.playing) return;
    this.waiting = this.awaits();
    this.held = this.waiting ? this.held + passed : 0;
    if (!this.waiting || this.held > PATIENCE_MS)
      this.position = Math.min(this.position + passed * this.rate, this.length);
    if (this.position >= this.length) this.playing = false;
    this.follow();
  }

  private awaits(): boolean {
    return [...this.elements.values()].some(
      ({ element, file }) =>
        file !== "" && !element.error && !element.ended && (element.seeking || element.readyState < 3),
    );
  }

  private follow(): void {
    const there = new Set<TrackName>();
    for (const [track, carried] of this.elements) {
      const wanted = fileAt(this.segments, track, momentAt(this.parts, this.position));
      if (wanted) there.add(track);
      lead(carried, wanted, this.url, this.playing ? this.rate : 0);
    }
    if (there.size !== this.there.size || [...there].some((track) => !this.there.has(track))) this.there = there;
  }
}

/** Bring one element to where it should be; `rate` 0 means that it stands still. */
function lead(
  carried: { element: Media; file: string },
  wanted: { file: string; seconds: number } | null,
  url: (file: string) => string,
  rate: number,
): void {
  const { element } = carried;
  if (!wanted) {
    if (carried.file !== "") {
      element.pause();
      element.removeAttribute("src");
      element.load();
    }
    carried.file = "";
    return;
  }
  if (carried.file !== wanted.file) {
    carried.file = wanted.file;
    element.src = url(wanted.file);
    element.currentTime = wanted.seconds;
  }
  const late = wanted.seconds - element.currentTime;
  if (Math.abs(late) > (rate === 0 ? NUDGE_S : JUMP_S) && !element.seeking) element.currentTime = wanted.seconds;
  const nudge = Math.abs(late) > NUDGE_S ? Math.sign(late) * NUDGED : 0;
  if (rate > 0) element.playbackRate = rate * (1 + nudge);
  // A browser that refuses to begin without a touch is asked again at the next one.
  if (rate > 0 && element.paused && !element.ended) void element.play()?.catch(() => undefined);
  if (rate === 0 && !element.paused) element.pause();
}
