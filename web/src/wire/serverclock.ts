/** The server's clock, seen from a device whose own may be minutes off. */

/** A measurement older than this gives way to any newer one. */
const STALE_MS = 60_000;

export class ServerClock {
  private offset = 0;
  private roundTrip = Infinity;
  private measuredAt = 0;

  constructor(private readonly deviceNow: () => number) {}

  /** Milliseconds since the epoch, as well as it is known. */
  now(): number {
    return Math.round(this.deviceNow() + this.offset);
  }

  /** The server said `serverNow` in answer to something sent at `sentAt` of the device's clock. */
  measure(serverNow: unknown, sentAt: number): void {
    const heardAt = this.deviceNow();
    const roundTrip = heardAt - sentAt;
    // The shortest way tells most; a clock that jumped makes all earlier measurements worthless.
    const better = roundTrip <= this.roundTrip || heardAt - this.measuredAt > STALE_MS || heardAt < this.measuredAt;
    if (typeof serverNow !== "number" || roundTrip < 0 || !better) return;
    this.offset = serverNow - (sentAt + heardAt) / 2;
    this.roundTrip = roundTrip;
    this.measuredAt = heardAt;
  }
}
