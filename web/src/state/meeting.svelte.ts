/** The meeting as this tablet knows it: the folded state, the statuses beside it, and its commands. */
import { SvelteMap } from "svelte/reactivity";
import { VOTED, padding, withVotes } from "../core/ballots";
import { completed } from "../core/blankmeeting";
import type { Meter, ReadsAt } from "../core/elsewhere";
import { publicPart, reduce } from "../core/meeting";
import { withoutWithdrawn } from "../core/withdrawn";
import { callPresiding, errorText } from "../i18n";
import type { Answer } from "../wire/commands";
import { digest } from "../wire/digest";
import type { LiveEvent, StreamHandlers } from "../wire/follower";
import { ask } from "../wire/http";
import type { LiveClient } from "../wire/live";
import type { LineState } from "../wire/outage";
import type { CastVote, Command, Meeting, MeetingEvent } from "../wire/types";
import { session } from "./session.svelte";

/** Who is connected; and who reads alone, on which page. For the desk. */
export interface Names {
  readonly connected: readonly string[];
  readonly elsewhere: Readonly<Record<string, ReadsAt>>;
  /** Those on record as present whose tablets have been away for longer than half a minute, since when. */
  readonly lost?: Readonly<Record<string, number>>;
}

/** Ballot → mandate → option: what I have cast. */
export type OwnVotes = Readonly<Record<string, Readonly<Record<string, string>>>>;

const FOLLOWING_EVERY_MS = 20_000;
/** A page that is on screen for less has not been read; told up to twice as late, each tablet in its own moment. */
const READ_AFTER_MS = 1_000;

export class MeetingState {
  /** Null until the first snapshot. */
  meeting = $state.raw<Meeting | null>(null);
  version = $state.raw(0);
  /** The newest events, oldest first: what a secretary's desk shows as news. */
  recent = $state.raw<readonly LiveEvent[]>([]);
  statuses = $state.raw<Readonly<Record<string, unknown>>>({});
  line = $state.raw<LineState>({ step: "fine", since: null, reason: "" });
  /** Why the meeting may not be seen; null as long as it may. */
  refusal = $state.raw<string | null>(null);
  /** The last refusal of a command, as a sentence; the screen shows it and puts it away. */
  problem = $state.raw<string | null>(null);
  votes = $state.raw<OwnVotes>({});
  /** Votes on their way: kept on this device until the server has answered. */
  casting = $state.raw<OwnVotes>({});
  /** What is chosen on a ballot paper and not cast yet: in memory only, and still there when the tablet is turned. */
  readonly drafts = new SvelteMap<string, string[]>();
  /** How votes leave this device where they can be kept first; set by the room. It calls `voted` with the answer. */
  castThrough: ((command: CastVote) => Promise<Answer>) | null = null;

  private readonly ends: (() => void)[] = [];
  /** What was recorded of this device's votes, in that order. */
  private readonly recorded: OwnVotes[] = [];
  /** The last question what I have cast, and the last that was answered. */
  private asked = 0;
  private told = 0;
  private where: { alone: boolean; paper: string; page: number } = { alone: false, paper: "", page: 0 };
  private saying: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly live: LiveClient,
    readonly id: string,
    readonly me: string,
  ) {
    this.ends.push(live.onLine((state) => this.lineChanged(state)));
    this.ends.push(live.follow(this.stream, this.handlers()));
    const again = setInterval(() => this.sayWhere(), FOLLOWING_EVERY_MS);
    this.ends.push(() => clearInterval(again));
  }

  get stream(): string {
    return `meeting:${this.id}`;
  }

  readonly roles = $derived.by(() => (this.meeting ? heldHere(rolesOf(this.meeting, this.me)) : NO_ROLES));
  readonly member = $derived.by(() => this.meeting?.members[this.me] ?? null);
  readonly meter = $derived((this.statuses["meter"] ?? null) as Meter | null);
  readonly names = $derived((this.statuses["presence"] ?? null) as Names | null);

  /** Server clock minus this device's, in milliseconds; better known after each word from the server. */
  readonly offset = $derived.by(() => {
    void [this.version, this.line];
    return this.live.now() - Date.now();
  });

  /** The server's clock. */
  now = (): number => this.live.now();

  /** Steer the meeting: carried out within five seconds or not at all. A refusal becomes a sentence. */
  async command(command: Command): Promise<Answer> {
    const answer = await this.live.command(this.stream, command);
    if (!answer.ok) this.problem = errorText(answer.code ?? "", answer.details);
    return answer;
  }

  /** The same, where all that matters is whether it was carried out. */
  act = async (command: Command): Promise<boolean> => (await this.command(command)).ok;

  /** Vote in an open ballot: kept and sent again until it is answered. */
  async vote(ballot: string, mandate: string, choice: string): Promise<Answer> {
    if (this.meeting?.ballots[ballot]?.method === "secret") return this.voteSecretly(ballot, mandate, choice);
    const command: CastVote = { type: "ballot.cast", ballot, mandate, choice };
    this.cast(command);
    if (this.castThrough) return this.castThrough(command);
    const answer = await this.live.command(this.stream, command, { keep: true });
    this.voted(command, answer);
    return answer;
  }

  /** A secret vote stays in memory until it is answered, and its choice is forgotten with the answer. */
  private async voteSecretly(ballot: string, mandate: string, choice: string): Promise<Answer> {
    const pad = padding(this.meeting!.ballots[ballot]!, choice);
    const cast: CastVote = { type: "ballot.cast", ballot, mandate, choice: VOTED };
    this.cast(cast);
    const command: Command = { type: "ballot.cast_secretly", ballot, mandate, choice, pad };
    const answer = await this.live.command(this.stream, command, { keep: true });
    this.voted(cast, answer);
    // Cast before, on another device or before a restart: it is known that this mandate has voted.
    if (answer.code === "ballot.already_cast") this.voted(cast, { ...answer, ok: true });
    return answer;
  }

  /** A vote is on its way, perhaps since before a restart. */
  cast({ ballot, mandate, choice }: CastVote): void {
    this.casting = { ...this.casting, [ballot]: { ...this.casting[ballot], [mandate]: choice } };
  }

  /** The server has answered a vote. */
  voted({ ballot, mandate, choice }: CastVote, answer: Answer): void {
    if (answer.ok) {
      const vote = { [ballot]: { [mandate]: choice } };
      this.recorded.push(vote);
      this.votes = withVotes(this.votes, vote);
    } else this.problem = errorText(answer.code ?? "", answer.details);
    if (this.casting[ballot]?.[mandate] !== choice) return;
    const left = Object.entries(this.casting[ballot]).filter(([key]) => key !== mandate);
    this.casting = { ...this.casting, [ballot]: Object.fromEntries(left) };
  }

  /** The meeting as this device last knew it, until the server says better. */
  restore(meeting: Meeting, votes: OwnVotes): void {
    if (this.meeting !== null) return;
    this.meeting = completed(meeting);
    callPresiding(this.meeting.rules.presiding);
    this.votes = { ...votes, ...this.votes };
  }

  /**
   * Tell where I read; the meter of the desk lives on it. A page that everybody is taken to is told a moment later: a
   * thousand tablets do not all speak at once, and pages that are leafed over count for nobody as read.
   */
  follows(alone: boolean, paper: string, page: number): void {
    if (this.where.alone === alone && this.where.paper === paper && this.where.page === page) return;
    const taken = !alone && !this.where.alone;
    this.where = { alone, paper, page };
    clearTimeout(this.saying);
    if (taken) this.saying = setTimeout(() => this.sayWhere(), READ_AFTER_MS * (1 + Math.random()));
    else this.sayWhere();
  }

  hint(type: string, data: unknown): void {
    this.live.hint(this.stream, type, data);
  }

  close(): void {
    clearTimeout(this.saying);
    for (const end of this.ends.splice(0)) end();
    callPresiding();
  }

  private handlers(): StreamHandlers {
    return {
      onSnapshot: (state, version) => this.begin(state as Meeting, version),
      onEvents: (events, version) => this.happened(events, version),
      onStatus: (topic, value) => (this.statuses = { ...this.statuses, [topic]: value }),
      onRefused: (code) => (this.refusal = code),
      rights: () => this.rights(),
      digestOf: () => (this.meeting ? digest(publicPart(this.meeting)) : undefined),
    };
  }

  private rights(): string {
    const roles = this.meeting ? [...rolesOf(this.meeting, this.me)].sort() : [];
    return JSON.stringify([roles, this.meeting?.members[this.me]?.only_items ?? []]);
  }

  private begin(state: Meeting, version: number): void {
    this.meeting = state;
    callPresiding(state.rules.presiding);
    this.version = version;
    this.refusal = null;
    void this.loadVotes();
    this.sayWhere();
  }

  private happened(events: readonly LiveEvent[], version: number): void {
    if (this.meeting === null) return;
    const after = events.reduce(
      (meeting, event) => reduce(meeting, { ...(event.data as object), type: event.type } as MeetingEvent),
      this.meeting,
    );
    // Papers for named readers are withdrawn with the closing, also from a tablet that hears of it later.
    this.meeting = withoutWithdrawn(after, seesDesk(rolesOf(after, this.me)));
    this.version = version;
    this.recent = [...this.recent, ...events].slice(-100);
  }

  private lineChanged(state: LineState): void {
    const returned = this.line.step !== "fine" && state.step === "fine";
    this.line = state;
    if (returned) this.sayWhere();
  }

  private sayWhere(): void {
    if (this.where.paper !== "" || !this.where.alone) this.live.hint(this.stream, "following", this.where);
  }

  /** After a return the tablet must know what it has cast: choices are never in the log. */
  private async loadVotes(): Promise<void> {
    const [asked, before] = [++this.asked, this.recorded.length];
    try {
      const { votes } = await ask<{ votes: OwnVotes }>("GET", `/api/meetings/${this.id}/my-votes`);
      // A vote recorded while this was asked may be newer than the answer; of two answers the one asked for last stands.
      if (asked > this.told) this.votes = this.recorded.slice(before).reduce(withVotes, votes);
      this.told = Math.max(asked, this.told);
    } catch {
      // Without an answer the votes cast on this tablet are still shown; the next snapshot asks again.
    }
  }
}

export type Role = "chair" | "deputy" | "secretary" | "delegate" | "guest" | "technician" | "site" | Derived;
type Derived = "acting" | "controlling" | "presenter";

const NO_ROLES: ReadonlySet<Role> = new Set();
const ATTENDEES: readonly Role[] = ["chair", "deputy", "secretary", "delegate", "guest"];
const INVITED: ReadonlySet<Role> = new Set<Role>(["site", "guest", "delegate", "presenter"]);

/** All roles somebody holds now, as `Meeting.roles_of` on the server. */
export function rolesOf(meeting: Meeting, person: string): ReadonlySet<Role> {
  if (person in meeting.sites) return new Set<Role>(["site"]);
  const member = meeting.members[person];
  if (!member) return NO_ROLES;
  const held = new Set<Role>(member.roles as readonly Role[]);
  if (person === meeting.chair) held.add("chair");
  if (person === meeting.deputy) held.add("deputy");
  if (meeting.acting && held.has("secretary")) held.add("acting");
  if (person === meeting.controlling) held.add("controlling");
  if (person === meeting.presenting) held.add("presenter");
  return held;
}

/** Of these roles, those one can act in here: by a code or at a shared tablet nobody steers, as `INVITED` on the server. */
function heldHere(roles: ReadonlySet<Role>): ReadonlySet<Role> {
  return session.me?.only_meeting ? new Set([...roles].filter((role) => INVITED.has(role))) : roles;
}

/** Whether somebody is of the desk or the secretary: they see what is for the desk, and keep papers for named readers. */
export function seesDesk(roles: ReadonlySet<Role>): boolean {
  return steers(roles) || roles.has("secretary") || roles.has("deputy");
}

/** Whether somebody takes part in person: arrives, asks for the floor or to present; as `ATTENDEES` on the server. */
export function attends(roles: ReadonlySet<Role>): boolean {
  return ATTENDEES.some((role) => roles.has(role));
}

/** Whether somebody keeps the record of attendance and of counted votes, and posts notices; as `RECORDERS`. */
export function records(roles: ReadonlySet<Role>): boolean {
  return steers(roles) || roles.has("secretary");
}

/** Whether somebody prepares the meeting and keeps its lists; as `PREPARERS`. */
export function prepares(roles: ReadonlySet<Role>): boolean {
  return roles.has("secretary") || roles.has("chair");
}

/** Whether somebody writes the minutes. */
export function writesMinutes(roles: ReadonlySet<Role>): boolean {
  return roles.has("secretary") || roles.has("chair");
}

/** Whether somebody may present: pages, their screen, and what is drawn over it. */
export function presents(roles: ReadonlySet<Role>): boolean {
  return roles.has("presenter") || roles.has("secretary") || steers(roles);
}

/** Whether somebody steers the meeting. */
export function steers(roles: ReadonlySet<Role>): boolean {
  return roles.has("chair") || roles.has("acting") || roles.has("controlling");
}
