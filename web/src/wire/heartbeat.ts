/**
 * Finds out that a line is dead before the operating system does. Safari keeps a dead socket open after the device
 * has slept: whenever it may have slept, and after a silence, the server is asked and has two seconds to answer.
 */

export interface Pulse {
  now(): number;
  later(run: () => void, ms: number): () => void;
  isOpen(): boolean;
  /** Ask the server anything; `answered` is called when it speaks. */
  ask(answered: () => void): void;
  /** The line is dead, nothing having been heard since then. */
  dead(since: number): void;
  /** The device woke without a line: no need to wait any longer before trying again. */
  awake(): void;
  /** A second has gone by. */
  ticked(): void;
}

const TICK_MS = 1_000;
/** A tick that comes this late means that the device slept. */
const SLEPT_MS = 4_000;
/** The server's heartbeat comes every 5 s; a longer silence is asked about. */
export const SILENCE_MS = 7_000;
export const PROBE_MS = 2_000;

export class Heartbeat {
  heardAt: number;
  private tickedAt: number;
  private forgetTick: () => void = () => undefined;
  private forgetProbe: (() => void) | null = null;

  constructor(private readonly pulse: Pulse) {
    this.heardAt = this.tickedAt = pulse.now();
  }

  start(): void {
    this.heardAt = this.tickedAt = this.pulse.now();
    this.forgetTick = this.pulse.later(() => this.tick(), TICK_MS);
  }

  stop(): void {
    this.forgetTick();
    this.reset();
  }

  /** Something was heard from the server. */
  heard(): void {
    this.heardAt = this.pulse.now();
  }

  /** The line has changed: no question is open any more. */
  reset(): void {
    this.forgetProbe?.();
    this.forgetProbe = null;
  }

  /** The device may have slept. */
  wake(): void {
    if (this.pulse.isOpen()) this.probe();
    else this.pulse.awake();
  }

  private tick(): void {
    const now = this.pulse.now();
    const slept = now - this.tickedAt > SLEPT_MS;
    this.tickedAt = now;
    this.forgetTick = this.pulse.later(() => this.tick(), TICK_MS);
    if (slept) this.wake();
    else if (this.pulse.isOpen() && now - this.heardAt > SILENCE_MS) this.probe();
    this.pulse.ticked();
  }

  private probe(): void {
    if (this.forgetProbe !== null) return;
    const since = this.heardAt;
    this.forgetProbe = this.pulse.later(() => {
      this.forgetProbe = null;
      if (this.heardAt === since) this.pulse.dead(since);
    }, PROBE_MS);
    this.pulse.ask(() => this.reset());
  }
}
