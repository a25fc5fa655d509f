/** How the line is, for whoever shows it. */
import { lineStep, type LineStanding } from "../core/connection";

/** `since` is the device's time at which the line was lost, `reason` why it ended. */
export interface LineState {
  readonly step: LineStanding;
  readonly since: number | null;
  readonly reason: string;
}

/** Remembers since when the line is lost, and tells whoever listens when that becomes worth saying. */
export class Outage {
  state: LineState = { step: "fine", since: null, reason: "" };
  private lostAt: number | null = null;
  private readonly listeners = new Set<(state: LineState) => void>();

  constructor(private readonly now: () => number) {}

  get hasEnded(): boolean {
    return this.state.step === "ended";
  }

  /** Hear of every change, and of how it is now. */
  listen(listener: (state: LineState) => void): () => void {
    this.listeners.add(listener);
    listener(this.state);
    return () => this.listeners.delete(listener);
  }

  /** The line is gone since that moment; if it was gone before, it stays gone since then. */
  lost(since: number): void {
    this.lostAt ??= since;
    this.tell();
  }

  found(): void {
    this.lostAt = null;
    this.tell();
  }

  end(reason: string): void {
    this.say({ step: "ended", since: this.lostAt, reason });
  }

  /** Time has passed: a loss may have become worth telling. */
  tell(): void {
    const lostFor = this.lostAt === null ? null : this.now() - this.lostAt;
    this.say({ step: lineStep(lostFor), since: this.lostAt, reason: "" });
  }

  private say(state: LineState): void {
    if (this.hasEnded || (this.state.step === state.step && this.state.since === state.since)) return;
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }
}
