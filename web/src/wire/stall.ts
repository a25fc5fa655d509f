/** Noticing that a line is dead before the browser does: it takes six seconds or more to say `disconnected`. No DOM. */

/** A speaker's line hears from the house ten times a second, a listener's whenever anybody speaks. */
const SILENCE_MS = 1_000;

/** How often a line should be looked at. */
export const LOOK_MS = 500;

/** Notices that a line which carried packets has fallen silent. */
export class Stall {
  private packets = -1;
  private since = 0;
  private isArmed = false;

  /** `packets` have arrived so far; true once in each silence, and only when some had come before it. */
  look(packets: number, now: number): boolean {
    if (packets !== this.packets) {
      this.isArmed = this.packets >= 0;
      [this.packets, this.since] = [packets, now];
      return false;
    }
    if (!this.isArmed || now - this.since < SILENCE_MS) return false;
    this.isArmed = false;
    return true;
  }
}

/** How many packets a connection has received on all its transports. */
export function arrived(report: Iterable<{ type: string; packetsReceived?: number }>): number {
  let sum = 0;
  for (const one of report) if (one.type === "transport") sum += one.packetsReceived ?? 0;
  return sum;
}

type Look = (isChanged: boolean) => void;
const looks = new Set<Look>();

/** Calls `look` twice a second, and at once with true when the device has another network; returns how to stop. */
export function watchLine(look: Look): () => void {
  const timer = setInterval(() => look(false), LOOK_MS);
  looks.add(look);
  return () => {
    clearInterval(timer);
    looks.delete(look);
  };
}

/** The device has another network than before: all lines are looked at. */
export function networkChanged(): void {
  for (const look of [...looks]) look(true);
}
