/** One followed stream: events are taken in the order of their versions only, statuses by their newest number. */

/** Something that happened. `order_of` names whom `by` acted for; empty when for themselves. */
export interface LiveEvent {
  readonly stream: string;
  readonly version: number;
  readonly at: number;
  readonly by: string;
  readonly order_of: string;
  readonly type: string;
  readonly data: unknown;
}

/** Something that happened and is hidden from this person: only its number is known. */
export interface HiddenEvent {
  readonly stream: string;
  readonly version: number;
  readonly type: "hidden";
}

export interface LiveStatus {
  readonly stream: string;
  readonly topic: string;
  readonly seq: number;
  readonly value: unknown;
}

export interface LiveHint {
  readonly stream: string;
  readonly type: string;
  readonly by: string;
  readonly data: unknown;
}

/** The answer to a sync that went well: the events since, or the whole state. */
export interface Synced {
  readonly version: number;
  readonly events?: readonly (LiveEvent | HiddenEvent)[];
  readonly snapshot?: unknown;
}

/** What whoever follows a stream does with it. */
export interface StreamHandlers {
  /** The whole state as it stands at `version`: forget everything before. */
  onSnapshot(state: unknown, version: number): void;
  /** The visible events that lead to `version`, in order; none of them when all were hidden. */
  onEvents(events: readonly LiveEvent[], version: number): void;
  /** The newest value of a topic; null when it has ended. */
  onStatus?(topic: string, value: unknown): void;
  onHint?(hints: readonly LiveHint[]): void;
  /** The stream may not be followed, for this reason. */
  onRefused?(code: string, details: Readonly<Record<string, unknown>>): void;
  /** What I may see, in words that can be compared: when it is different after a time away, events do not tell all. */
  rights?(): string;
  /** The digest of the public part of the state, to be compared with the server's; undefined while there is none. */
  digestOf?(): Promise<string> | undefined;
}

export class Follower {
  /** The version up to which everything has been taken; 0 before the first snapshot. */
  version = 0;
  private readonly seqs = new Map<string, number>();

  constructor(
    readonly stream: string,
    readonly handlers: StreamHandlers,
  ) {}

  /**
   * Take the answer to a sync. An answer that an event overtook is older than what is known, and harmless. False when my
   * rights changed in these events: what was hidden from me before is not in them.
   */
  takeSync(answer: Synced): boolean {
    if (answer.events !== undefined) {
      const before = this.handlers.rights?.();
      this.takeEvents(answer.events);
      return this.handlers.rights?.() === before;
    }
    this.version = answer.version;
    this.handlers.onSnapshot(answer.snapshot, answer.version);
    return true;
  }

  /** Take events; false when one before them is missing, so that a sync is due. */
  takeEvents(events: readonly (LiveEvent | HiddenEvent)[]): boolean {
    let version = this.version;
    const visible: LiveEvent[] = [];
    for (const event of events) {
      if (event.version === version + 1) {
        version = event.version;
        if ("data" in event) visible.push(event);
      }
    }
    if (version !== this.version) {
      this.version = version;
      this.handlers.onEvents(visible, version);
    }
    return events.every((event) => event.version <= version);
  }

  /** Take a status, unless a newer one of its topic is known. */
  takeStatus(status: LiveStatus): void {
    if (status.seq <= (this.seqs.get(status.topic) ?? 0)) return;
    this.seqs.set(status.topic, status.seq);
    this.handlers.onStatus?.(status.topic, status.value);
  }
}
