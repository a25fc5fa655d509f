/**
 * What a site's own screen must warn of while it is in the meeting: a microphone without signal, an echo, another
 * device than the one that was meant. Each has a mark to raise and one to clear, and each must hold for a time. Pure.
 */

/** Raised after it was bad for so long, cleared after it was fine for so long; between the marks it stays as it is. */
export class Latch {
  raised = false;
  private since: number | null = null;

  constructor(
    private readonly raiseMs: number,
    private readonly clearMs: number,
  ) {}

  /** `bad` null: neither bad nor fine. */
  look(bad: boolean | null, now: number): boolean {
    if (bad === null || bad === this.raised) this.since = null;
    else {
      this.since ??= now;
      if (now - this.since >= (bad ? this.raiseMs : this.clearMs)) [this.raised, this.since] = [bad, null];
    }
    return this.raised;
  }
}

/** Below this a room is taken for silent: a working microphone hears at least the fan; above the other it is heard. */
const [SILENT, HEARD] = [0.08, 0.12];
/** So loud is a voice from the loudspeaker, or in the microphone. */
const [FAR_VOICE, NEAR_VOICE] = [0.35, 0.2];
/** How alike the two are where the one is the other's echo, and where it is not. */
const [ALIKE, UNLIKE] = [0.75, 0.5];
/** The past that is compared: 8 s at ten samples a second; sound comes back within half a second. */
const [WINDOW, LAGS, FEWEST] = [80, 6, 20];

/** What a room is told, and the word with which somebody there says that the device in use is right. */
export interface RoomWarnings {
  readonly silent: boolean;
  readonly echo: boolean;
  /** The names of the devices in use that are not those that were meant; empty where they are. */
  readonly microphone: string;
  readonly camera: string;
  readonly accept: () => void;
}

/** One look, every 100 ms. Levels from 0 to 1; null where nothing can be measured. */
export interface Heard {
  readonly now: number;
  /** The own microphone. */
  readonly near: number | null;
  /** What the loudspeaker plays of others. */
  readonly far: number | null;
  /** Whether others hear this microphone. */
  readonly isOpen: boolean;
}

/** Listens to the room: does the microphone say anything, and does it hear the loudspeaker? */
export class RoomEar {
  private readonly silence = new Latch(6_000, 500);
  private readonly echoes = new Latch(3_000, 8_000);
  private past: { near: number; far: number }[] = [];

  hear({ now, near, far, isOpen }: Heard): { silent: boolean; echo: boolean } {
    const quiet = near === null ? null : near < SILENT ? true : near >= HEARD ? false : null;
    // A microphone that is closed may be silent: nobody waits for it.
    const silent = this.silence.look(isOpen ? quiet : false, now) && isOpen;
    if (near === null || far === null) this.past = [];
    else this.past = [...this.past, { near, far }].slice(-WINDOW);
    return { silent, echo: this.echoes.look(this.returns(), now) };
  }

  /** Whether the loudspeaker's voice comes back; null while too little was said to tell. */
  private returns(): boolean | null {
    const voiced = this.past.filter((one) => one.far >= FAR_VOICE).length;
    if (this.past.length < WINDOW / 2 || voiced < FEWEST || voiced > this.past.length - LAGS) return null;
    const lags = Array.from({ length: LAGS }, (_, lag) => lag);
    const best = lags.reduce((a, b) => (likeness(this.past, b) > likeness(this.past, a) ? b : a));
    const back = this.past.slice(best).filter((_, at) => this.past[at]!.far >= FAR_VOICE);
    const loud = back.reduce((sum, one) => sum + one.near, 0) / Math.max(1, back.length);
    const alike = likeness(this.past, best);
    if (alike >= ALIKE && loud >= NEAR_VOICE) return true;
    return alike < UNLIKE || loud < NEAR_VOICE / 2 ? false : null;
  }
}

/** The correlation of the microphone with what was played `lag` samples before, from −1 to 1; 0 where one is flat. */
function likeness(past: readonly { near: number; far: number }[], lag: number): number {
  const pairs = past.slice(lag).map((one, at) => [past[at]!.far, one.near] as const);
  const mean = (of: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[of], 0) / pairs.length;
  const [farMean, nearMean] = [mean(0), mean(1)];
  let [both, far, near] = [0, 0, 0];
  for (const [a, b] of pairs) {
    both += (a - farMean) * (b - nearMean);
    far += (a - farMean) ** 2;
    near += (b - nearMean) ** 2;
  }
  return far < 1e-6 || near < 1e-6 ? 0 : both / Math.sqrt(far * near);
}

/** A device in use: its id and name; nothing in use has no name. */
export interface InUse {
  readonly id: string;
  readonly label: string;
  /** The id somebody chose on this screen; empty where nobody chose. */
  readonly chosen: string;
}

/** Watches one kind of device: true once another one than the chosen, or the first, has been in use for two seconds. */
export class DeviceWatch {
  private readonly latch = new Latch(2_000, 0);
  private meant = "";

  look({ id, label, chosen }: InUse, now: number): boolean {
    if (label !== "" && this.meant === "" && (chosen === "" || chosen === id)) this.meant = label;
    // Missing is another trouble, said elsewhere; what was chosen by hand is what is meant from then on.
    if (chosen !== "" && chosen === id) this.meant = label;
    return this.latch.look(label !== "" && label !== this.meant, now);
  }

  /** Somebody says that the one in use is right. */
  accept(label: string): void {
    this.meant = label;
  }
}
