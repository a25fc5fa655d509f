/** When a line is too thin to send a picture beside the sound, and when to try again. Pure. */

/** The forwarder's mark for the other way is the same. */
const BELOW_BPS = 150_000;
/** So many looks one after the other must say so. */
const LOOKS = 3;
/** The browser finds out what a line carries by sending: after each beginning it has this long. */
const GRACE_MS = 10_000;
/** Without a picture nothing is found out, so that coming back is trying; each failed try waits longer. */
const FIRST_TRY_MS = 15_000;
const LAST_TRY_MS = 60_000;
/** A try that lasted so long has not failed. */
const GOOD_MS = 30_000;

export class ThinLine {
  isThin = false;
  private since: number | null = null;
  private low = 0;
  private patience = FIRST_TRY_MS / 2;

  /** `bps` is what the browser believes it can send, 0 where it does not say; whether the picture rests from now on. */
  look(bps: number, now: number): boolean {
    this.since ??= now;
    const lasted = now - this.since;
    if (this.isThin) {
      if (lasted >= this.patience) this.turn(false, now);
      return this.isThin;
    }
    this.low = bps > 0 && bps < BELOW_BPS && lasted >= GRACE_MS ? this.low + 1 : 0;
    if (this.low >= LOOKS) {
      this.patience = lasted < GOOD_MS ? Math.min(this.patience * 2, LAST_TRY_MS) : FIRST_TRY_MS;
      this.turn(true, now);
    }
    return this.isThin;
  }

  /** Nothing is to be sent for now: what the browser believes meanwhile says nothing, and the next beginning is a first one. */
  forget(): void {
    this.turn(false, null);
    this.patience = FIRST_TRY_MS / 2;
  }

  private turn(isThin: boolean, now: number | null): void {
    [this.isThin, this.since, this.low] = [isThin, now, 0];
  }
}

interface Pair {
  type: string;
  nominated?: boolean;
  availableOutgoingBitrate?: number;
}

/** What the browser believes it can send, bits a second; 0 where it does not say. */
export function sendable(report: Iterable<Pair>): number {
  for (const one of report) {
    if (one.type === "candidate-pair" && one.nominated === true) return one.availableOutgoingBitrate ?? 0;
  }
  return 0;
}
