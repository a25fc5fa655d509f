/**
 * Commands on their way. Each carries an id, so that sending it again cannot do it twice.
 *
 * A command that steers the meeting fails visibly after five seconds, and the server refuses it after that moment:
 * a page turned ten minutes ago must not move everybody now. A kept one (ink, a note, an open vote) is sent again
 * after every reconnection until it is answered.
 */

export interface Answer {
  readonly ok: boolean;
  readonly now: number;
  readonly version: number;
  readonly code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What goes over the wire. */
export interface CommandPayload {
  readonly stream: string;
  readonly id: string;
  readonly command: unknown;
  readonly before?: number;
}

export interface CommandLine {
  /** Whether anything can be sent now. */
  isOpen(): boolean;
  send(payload: CommandPayload, answered: (answer: Answer) => void): void;
  later(run: () => void, ms: number): () => void;
  /** The server's clock, in milliseconds since the epoch. */
  now(): number;
}

/** How long a steering command waits for its answer. */
export const PATIENCE_MS = 5_000;
/** Octets that the server takes in one message, less the frame around the command. */
const LARGEST = 64 * 1024 - 256;
/** Kept commands on their way at the same time; the others wait for an answer. */
const AT_ONCE = 8;
const AGAIN_MS = 1_000;
/** Refusals that say nothing about the command itself. */
const NOT_NOW: readonly string[] = ["live.too_fast", "live.gone", "storage.away", "storage.full", "meeting.stopped"];

interface Waiting {
  readonly payload: CommandPayload;
  readonly keep: boolean;
  sent: boolean;
  settle(answer: Answer): void;
}

export class Commands {
  private readonly waiting = new Map<string, Waiting>();
  private paused = false;

  constructor(private readonly line: CommandLine) {}

  /** Send a command; the promise never rejects: no answer is the answer `live.no_answer`. */
  perform(payload: CommandPayload, keep: boolean): Promise<Answer> {
    if (octets(payload) > LARGEST) return Promise.resolve(this.no("live.too_large", { limit_kb: LARGEST >> 10 }));
    return new Promise((resolve) => {
      const dated = keep ? payload : { ...payload, before: this.line.now() + PATIENCE_MS };
      let giveUp: () => void = () => undefined;
      const settle = (answer: Answer): void => {
        giveUp();
        this.waiting.delete(payload.id);
        resolve(answer);
        this.flush();
      };
      this.waiting.set(payload.id, { payload: dated, keep, sent: false, settle });
      if (!keep)
        giveUp = this.line.later(() => settle(this.no("live.no_answer", { seconds: PATIENCE_MS / 1000 })), PATIENCE_MS);
      this.flush();
    });
  }

  /** The line was lost: whatever had no answer goes out again on the next one, in its order. */
  lineLost(): void {
    for (const waiting of this.waiting.values()) waiting.sent = false;
  }

  /** Send what may be sent now. */
  flush(): void {
    let kept = [...this.waiting.values()].filter((waiting) => waiting.keep && waiting.sent).length;
    for (const waiting of this.waiting.values()) {
      if (!this.line.isOpen()) return;
      if (waiting.sent || (waiting.keep && (this.paused || kept >= AT_ONCE))) continue;
      if (waiting.keep) kept += 1;
      this.send(waiting);
    }
  }

  /** How many kept commands have no answer yet. */
  get kept(): number {
    return [...this.waiting.values()].filter((waiting) => waiting.keep).length;
  }

  /** The session is over: nothing more will be answered. */
  end(code: string): void {
    for (const waiting of [...this.waiting.values()]) {
      waiting.settle(this.no(code, {}));
    }
  }

  private send(waiting: Waiting): void {
    waiting.sent = true;
    this.line.send(waiting.payload, (answer) => {
      if (this.waiting.get(waiting.payload.id) !== waiting) return;
      const again = waiting.keep && !answer.ok && NOT_NOW.includes(answer.code ?? "");
      if (again) this.pause(waiting);
      else waiting.settle(answer);
    });
  }

  private pause(waiting: Waiting): void {
    waiting.sent = false;
    if (this.paused) return;
    this.paused = true;
    this.line.later(() => {
      this.paused = false;
      this.flush();
    }, AGAIN_MS);
  }

  private no(code: string, details: Record<string, unknown>): Answer {
    return { ok: false, now: this.line.now(), version: 0, code, details };
  }
}

function octets(payload: CommandPayload): number {
  return new TextEncoder().encode(JSON.stringify(payload)).length;
}
