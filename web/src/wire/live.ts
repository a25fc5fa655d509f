/**
 * The tablet's line to the meeting: follows streams without holes, sends commands at most once, and comes back by
 * itself. Knows no framework and no page; what it needs of the device is passed in.
 */
import { Commands, type Answer } from "./commands";
import { Follower, type HiddenEvent, type LiveEvent, type LiveHint, type LiveStatus } from "./follower";
import type { StreamHandlers, Synced } from "./follower";
import { Heartbeat, PROBE_MS } from "./heartbeat";
import { Outage, type LineState } from "./outage";
import { ServerClock } from "./serverclock";
import type { LiveSocket, OpenSocket, SocketSays } from "./socket";

/** What the client needs of the device it runs on. */
export interface Surroundings {
  /** The device's clock, in milliseconds; it may be wrong and may jump. */
  now(): number;
  /** Run something once after so many milliseconds; the returned function forgets it. */
  later(run: () => void, ms: number): () => void;
  /** From 0 up to 1. */
  random(): number;
  freshId(): string;
  /** Run something whenever the device may have slept: the page is shown again, the network is back. */
  onWake(run: () => void): () => void;
}

export interface LiveParts {
  /** Fetch a single-use ticket over the signed-in session; throws `SignedOut` when there is none any more. */
  ticket(): Promise<string>;
  /** This device, by a name that it keeps. */
  readonly endpoint: string;
  readonly open: OpenSocket;
  readonly device: Surroundings;
  /** Told of what must not happen: a digest that differs, a message the server found malformed. */
  report?(what: "digest" | "malformed", stream: string): void;
}

/** There is no session to fetch a ticket with. */
export class SignedOut extends Error {}

const OPENING_MS = 6_000;
const SYNC_MS = 10_000;
/** Refusals that pass, and when it is asked again: while the system is stopped by a thousand tablets, for an hour. */
const SYNC_AGAIN_MS: Readonly<Record<string, number>> = { "live.too_fast": 1_000, "meeting.stopped": 10_000 };
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** Reasons of a goodbye after which one comes back. */
const COME_BACK: readonly unknown[] = ["restart", "malformed"];

export class LiveClient {
  private readonly followers = new Map<string, Follower>();
  private readonly commands: Commands;
  private readonly device: Surroundings;
  private readonly clock: ServerClock;
  private readonly outage: Outage;
  private readonly heartbeat: Heartbeat;
  /** Followers whose sync has no answer yet. */
  private readonly syncing = new Set<Follower>();
  private socket: LiveSocket | null = null;
  private isOpen = false;
  /** Counts sockets: whatever an earlier one still says is not listened to. */
  private era = 0;
  private failures = 0;
  private openingSince: number | null = null;
  /** How often the server found something of ours malformed: whoever is not understood must not hammer. */
  private misunderstood = 0;
  private forgetWake: () => void = () => undefined;
  private forgetAttempt: () => void = () => undefined;

  constructor(private readonly parts: LiveParts) {
    this.device = parts.device;
    this.clock = new ServerClock(() => this.device.now());
    this.outage = new Outage(() => this.device.now());
    this.heartbeat = new Heartbeat({
      now: () => this.device.now(),
      later: (run, ms) => this.device.later(run, ms),
      isOpen: () => this.isOpen,
      ask: (answered) => this.ask("sync", { stream: "", since: 0 }, answered),
      dead: (since) => this.comeBackAtOnce(since),
      awake: () => this.comeBackAtOnce(this.device.now()),
      ticked: () => this.outage.tell(),
    });
    this.commands = new Commands({
      isOpen: () => this.isOpen,
      send: (payload, answered) => this.ask("command", payload, (answer) => answered(answer as Answer)),
      later: (run, ms) => this.device.later(run, ms),
      now: () => this.now(),
    });
  }

  /** Connect, and stay connected. */
  start(): void {
    this.outage.lost(this.device.now());
    this.forgetWake = this.device.onWake(() => this.heartbeat.wake());
    this.heartbeat.start();
    void this.connect();
  }

  /** Close for good. */
  stop(reason = "stopped"): void {
    if (this.outage.hasEnded) return;
    this.closeSocket();
    this.forgetWake();
    this.heartbeat.stop();
    this.outage.end(reason);
    this.commands.end("live.ended");
  }

  /** Follow a stream from its snapshot on; the returned function stops following. */
  follow(stream: string, handlers: StreamHandlers): () => void {
    const follower = new Follower(stream, handlers);
    this.followers.set(stream, follower);
    this.sync(follower);
    return () => {
      if (this.followers.get(stream) !== follower) return;
      this.followers.delete(stream);
      if (this.isOpen) this.ask("sync", { stream, since: -1 }, () => undefined);
    };
  }

  /** Send a command. Without `keep` it must be carried out within five seconds or not at all. */
  command(stream: string, command: unknown, options: { id?: string; keep?: boolean } = {}): Promise<Answer> {
    if (this.outage.hasEnded) {
      return Promise.resolve({ ok: false, now: this.now(), version: 0, code: "live.ended", details: {} });
    }
    const id = options.id ?? this.device.freshId();
    return this.commands.perform({ stream, id, command }, options.keep ?? false);
  }

  /** Send something that may be lost. */
  hint(stream: string, type: string, data: unknown): void {
    if (this.isOpen) this.socket?.hint({ stream, type, data });
  }

  /** The server's clock, as well as it is known. */
  now(): number {
    return this.clock.now();
  }

  /** The version up to which a followed stream is known. */
  versionOf(stream: string): number {
    return this.followers.get(stream)?.version ?? 0;
  }

  get line(): LineState {
    return this.outage.state;
  }

  /** Hear of every change of the line, and of how it is now. */
  onLine(listener: (state: LineState) => void): () => void {
    return this.outage.listen(listener);
  }

  private async connect(): Promise<void> {
    const era = (this.era += 1);
    this.openingSince = this.device.now();
    this.forgetAttempt = this.device.later(() => this.lose(this.device.now()), OPENING_MS);
    try {
      const ticket = await this.parts.ticket();
      if (era !== this.era) return;
      this.socket = this.parts.open({ ticket, endpoint: this.parts.endpoint }, this.saysOf(era));
    } catch (error) {
      if (era !== this.era) return;
      if (error instanceof SignedOut) this.stop("signed_out");
      else this.lose(this.device.now());
    }
  }

  private saysOf(era: number): SocketSays {
    const ours = (run: () => void) => {
      if (era !== this.era) return;
      this.heartbeat.heard();
      run();
    };
    return {
      connected: () => ours(() => this.connected()),
      refused: () => ours(() => this.lose(this.device.now())),
      lost: () => ours(() => this.lose(this.device.now())),
      alive: () => ours(() => undefined),
      heard: (word, payload) => ours(() => this.hear(word, payload)),
    };
  }

  private connected(): void {
    this.forgetAttempt();
    this.openingSince = null;
    this.isOpen = true;
    this.failures = this.misunderstood;
    this.outage.found();
    for (const follower of this.followers.values()) this.sync(follower);
    this.commands.flush();
  }

  /** The line is gone since that moment: try again soon, each time a little later. */
  private lose(since: number): void {
    this.closeSocket();
    this.outage.lost(since);
    // Spread out, because a thousand tablets lose a restarting server in the same moment.
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures) * (0.5 + this.device.random());
    this.failures += 1;
    this.forgetAttempt = this.device.later(() => void this.connect(), pause);
  }

  /** Try again now, unless a try has only just begun. */
  private comeBackAtOnce(since: number): void {
    if (this.openingSince !== null && this.device.now() - this.openingSince < PROBE_MS) return;
    this.closeSocket();
    this.outage.lost(since);
    this.failures = 0;
    void this.connect();
  }

  private closeSocket(): void {
    this.era += 1;
    this.isOpen = false;
    this.openingSince = null;
    this.forgetAttempt();
    this.heartbeat.reset();
    this.syncing.clear();
    this.socket?.close();
    this.socket = null;
    this.commands.lineLost();
  }

  private ask(word: "command" | "sync", payload: unknown, answered: (answer: unknown) => void): void {
    const era = this.era;
    const sentAt = this.device.now();
    this.socket?.ask(word, payload, (answer) => {
      if (era !== this.era) return;
      this.heartbeat.heard();
      // A command that was sent again hears its first answer again, with the time of then.
      if (word === "sync") this.clock.measure((answer as Partial<Answer>).now, sentAt);
      answered(answer);
    });
  }

  private sync(follower: Follower, since = follower.version): void {
    if (!this.isOpen || (since !== 0 && this.syncing.has(follower))) return;
    this.syncing.add(follower);
    const era = this.era;
    const giveUp = this.device.later(() => {
      if (era === this.era) this.comeBackAtOnce(this.heartbeat.heardAt);
    }, SYNC_MS);
    this.ask("sync", { stream: follower.stream, since }, (answer) => {
      giveUp();
      this.syncing.delete(follower);
      this.synced(follower, answer as Answer & Synced);
    });
  }

  private synced(follower: Follower, answer: Answer & Synced): void {
    if (this.followers.get(follower.stream) !== follower) return;
    const again = SYNC_AGAIN_MS[answer.code ?? ""];
    if (answer.ok && follower.takeSync(answer)) return;
    if (answer.ok) for (const each of this.followers.values()) this.sync(each, 0);
    else if (again) this.device.later(() => this.sync(follower), again);
    else follower.handlers.onRefused?.(answer.code ?? "", answer.details ?? {});
  }

  private hear(word: "event" | "status" | "hint", payload: unknown): void {
    if (word === "event") this.hearEvents(payload as (LiveEvent | HiddenEvent)[]);
    else if (word === "status") this.hearStatus(payload as LiveStatus);
    else this.hearHints(payload as LiveHint[]);
  }

  private hearEvents(events: readonly (LiveEvent | HiddenEvent)[]): void {
    const follower = this.followers.get(events[0]?.stream ?? "");
    if (follower !== undefined && !follower.takeEvents(events)) this.sync(follower);
  }

  private hearHints(hints: readonly LiveHint[]): void {
    this.followers.get(hints[0]?.stream ?? "")?.handlers.onHint?.(hints);
  }

  private hearStatus(status: LiveStatus): void {
    if (status.topic === "goodbye") this.goodbye((status.value as { reason: string }).reason);
    const follower = this.followers.get(status.stream);
    if (follower === undefined) return;
    if (status.topic === "resync") this.sync(follower, 0);
    else if (status.topic === "head") void this.compare(follower, status.value as { version: number; digest?: string });
    else follower.takeStatus(status);
  }

  private goodbye(reason: string): void {
    if (reason === "malformed") {
      this.misunderstood += 1;
      this.parts.report?.("malformed", "");
    }
    if (!COME_BACK.includes(reason)) this.stop(reason);
  }

  /** The server says where the stream stands: a missed event is fetched, a differing state begins anew. */
  private async compare(follower: Follower, head: { version: number; digest?: string }): Promise<void> {
    if (head.version > follower.version) this.sync(follower);
    if (head.version !== follower.version || head.digest === undefined) return;
    const ours = await follower.handlers.digestOf?.();
    if (ours === undefined || ours === head.digest || follower.version !== head.version) return;
    this.parts.report?.("digest", follower.stream);
    this.sync(follower, 0);
  }
}
