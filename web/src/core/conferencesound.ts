/** How loud a microphone is, and whether it says anything at all. Pure. */

const QUIETEST_DB = -60;
/** Below this a room is taken for silent: a working microphone hears at least the fan. */
const SILENT = 0.08;
const SILENT_MS = 6_000;
/** For what is only measured: sound in large pieces, a fraction of the work on a small computer. */
export const UNHURRIED = { latencyHint: "playback" } as const;

/** The loudness of samples from −1 to 1, as 0 (−60 dB and below) to 1 (full). */
export function loudness(samples: Iterable<number>): number {
  let [sum, count] = [0, 0];
  for (const sample of samples) {
    sum += sample * sample;
    count++;
  }
  if (sum === 0 || count === 0) return 0;
  const decibels = 10 * Math.log10(sum / count);
  return Math.min(1, Math.max(0, 1 - decibels / QUIETEST_DB));
}

/** Watches an open microphone: true once nothing was heard for six seconds. */
export class Silence {
  private since: number | null = null;

  hears(level: number, isOpen: boolean, now: number): boolean {
    if (!isOpen || level >= SILENT) this.since = null;
    else this.since ??= now;
    return this.since !== null && now - this.since >= SILENT_MS;
  }
}
