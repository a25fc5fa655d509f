/** The book of opinions and amendments: what the server has of it, and what of mine is still on its way there. */
import {
  type About,
  EMPTY,
  type NewAmendment,
  type NewOpinion,
  OPINION,
  type Passage,
  type Stuck,
  fold,
  isTaken,
  passageKey,
  reasonKey,
} from "../core/opinions";
import { textOf, words } from "../core/redline";
import type { Answer } from "../wire/commands";
import { ask } from "../wire/http";
import type { LiveClient } from "../wire/live";
import type { AnswerOpinion, Book, DecideAmendment, OpinionCommand, OpinionEvent, TakeComment } from "../wire/types";
import { putInto } from "./delivery";
import type { Outbox, Waiting } from "./outbox.svelte";

export interface OpinionsParts {
  readonly live: Pick<LiveClient, "follow" | "command" | "now">;
  /** What is written waits here until it is answered; null where nothing can be kept. */
  readonly outbox: () => Promise<Pick<Outbox, "add" | "mine"> | null>;
  /** Something waits in the outbox: send it. */
  sent: () => void;
  /** A command was refused. */
  refused: (answer: Answer) => void;
  readonly meeting: string;
  readonly me: string;
}

/** A draft's text, by paragraph, as it can be amended; or why it cannot. */
export type DraftText =
  { readonly version: string; readonly passages: readonly Passage[] } | { readonly problem: unknown };

/** How often the desk looks for sticky comments, in milliseconds: they come and go with pens, not with the book. */
const LOOK_MS = 30_000;

type Steering = AnswerOpinion | DecideAmendment | TakeComment;
type Mine = Exclude<OpinionCommand, Steering>;

export class OpinionsState {
  #kept = $state.raw<Book>(EMPTY);
  /** By command: what has been written here and not been answered. */
  #waiting = $state.raw<ReadonlyMap<string, OpinionEvent>>(new Map());
  /** Commands that were answered while what waits was still being read. */
  readonly #answered = new Set<string>();
  #end: (() => void) | null = null;
  readonly #drafts = new Map<string, Promise<DraftText>>();
  /** What is typed and not sent, by the place it is typed in; it outlives the panel. */
  readonly typed = $state<Record<string, string>>({});
  /** What the new opinion that is being typed is about; null before its first letter. */
  about = $state.raw<About | null>(null);

  constructor(private readonly parts: OpinionsParts) {}

  get stream(): string {
    return `opinions:${this.parts.meeting}`;
  }

  /** The book with what is on its way. */
  readonly book = $derived.by(() => [...this.#waiting.values()].reduce(fold, this.#kept));
  /** What is mine and has not reached the server yet. */
  readonly unsent = $derived.by(() => new Set([...this.#waiting.values()].map(idOf)));
  #stuck = $state.raw<readonly Stuck[]>([]);
  /** The sticky comments given to others that nobody has answered: an answered one stands among the opinions. */
  readonly comments = $derived(this.#stuck.filter((one) => !isTaken(this.book, one)));

  /** Follow the book; asking again changes nothing. */
  follow(): void {
    if (this.#end) return;
    this.#end = this.parts.live.follow(this.stream, {
      onSnapshot: (state) => (this.#kept = state as Book),
      onEvents: (events) => {
        for (const { type, data } of events)
          this.#kept = fold(this.#kept, { type, ...(data as object) } as OpinionEvent);
      },
    });
    void this.#restore();
  }

  close(): void {
    this.#end?.();
    this.#end = null;
  }

  /** Write an opinion, or reword my own; true once it is kept here, or with the server where nothing can be kept. */
  async write({ id = crypto.randomUUID(), ...written }: NewOpinion): Promise<boolean> {
    return this.#send({ type: "opinion.write", opinion: id, ...written, text: written.text.trim() });
  }

  /** Propose other words for a paragraph, or change my own proposal. */
  async propose({ id = crypto.randomUUID(), passage, ...more }: NewAmendment): Promise<void> {
    const command: Mine = { type: "amendment.propose", amendment: id, ...more, passage: passage.number };
    await this.#send(command, passage);
  }

  async withdraw(what: "opinion" | "amendment", id: string): Promise<void> {
    const command = what === "opinion" ? { type: "opinion.withdraw" as const, opinion: id } : null;
    await this.#send(command ?? { type: "amendment.withdraw", amendment: id });
  }

  /** Answer or decide: now or not at all, as everything that steers. */
  act = async (command: Steering): Promise<boolean> => {
    const answer = await this.parts.live.command(this.stream, command);
    if (!answer.ok) this.parts.refused(answer);
    return answer.ok;
  };

  /** Look for sticky comments now; for chair and secretary. Without an answer those of the last look stand. */
  async look(): Promise<void> {
    const path = `/api/meetings/${encodeURIComponent(this.parts.meeting)}/comments`;
    const found = await ask<{ comments: Stuck[] }>("GET", path).catch(() => null);
    if (found) this.#stuck = found.comments;
  }

  /** Look for sticky comments now and from time to time, until the returned function is called. */
  watchComments(): () => void {
    void this.look();
    const again = setInterval(() => void this.look(), LOOK_MS);
    return () => clearInterval(again);
  }

  /** The text of a paper; asked for once a version, and again when it could not be had. */
  draft(paper: string, version: string): Promise<DraftText> {
    const known = this.#drafts.get(version);
    if (known) return known;
    const { meeting } = this.parts;
    const path = `/api/meetings/${encodeURIComponent(meeting)}/papers/${encodeURIComponent(paper)}/passages`;
    const asked = ask<DraftText>("GET", path).catch((problem: unknown) => {
      this.#drafts.delete(version);
      return { problem };
    });
    this.#drafts.set(version, asked);
    return asked;
  }

  /** The server has answered something of the outbox; words that it refused go back to where they were typed. */
  answered({ id, stream, command }: Waiting, { ok }: Pick<Answer, "ok">): void {
    if (stream !== this.stream) return;
    this.#answered.add(id);
    this.#forget(id);
    if (!ok) this.#giveBack(command as Mine);
  }

  #giveBack(command: Mine): void {
    const place =
      command.type === "opinion.write"
        ? OPINION
        : command.type === "amendment.propose"
          ? passageKey(command.version, command.passage)
          : null;
    if (!place || !("text" in command) || this.typed[place]) return;
    this.typed[place] = command.text;
    if (command.type === "amendment.propose" && command.reason) this.typed[reasonKey(place)] = command.reason;
    if (command.type === "opinion.write")
      this.about = { paper: command.paper, page: command.page ?? 0, place: command.place ?? "" };
  }

  async #send(command: Mine, passage?: Passage): Promise<boolean> {
    const id = crypto.randomUUID();
    const event = this.#expected(command, passage);
    if (event) this.#waiting = new Map([...this.#waiting, [id, event]]);
    const waiting = { kind: "note", id, stream: this.stream, command } as const;
    if (await putInto(await this.parts.outbox(), waiting)) {
      this.parts.sent();
      return true;
    }
    const answer = await this.parts.live.command(this.stream, command, { id, keep: true });
    if (!answer.ok) this.parts.refused(answer);
    this.answered(waiting, answer);
    return answer.ok;
  }

  #forget(id: string): void {
    this.#waiting = new Map([...this.#waiting].filter(([key]) => key !== id));
  }

  /** What was written before a restart is still on its way. */
  async #restore(): Promise<void> {
    const outbox = await this.parts.outbox();
    const mine = ((await outbox?.mine().catch(() => [])) ?? []).filter(({ stream }) => stream === this.stream);
    for (const { id, command } of mine) {
      const event = this.#expected(command as Mine);
      if (event && !this.#answered.has(id) && !this.#waiting.has(id))
        this.#waiting = new Map([...this.#waiting, [id, event]]);
    }
  }

  /** What the server will make of it; unknown of a proposal whose paragraph is not at hand after a restart. */
  #expected(command: Mine, passage?: Passage): OpinionEvent | null {
    const mine = { person: this.parts.me, at: this.parts.live.now() };
    switch (command.type) {
      case "opinion.write": {
        const { opinion: id, paper, text, to = "desk", page = 0, place = "" } = command;
        const answer = { answer: "" as const, reply: "", answered_by: "", answered_at: 0 };
        return { type: "opinion.written", opinion: { ...mine, ...answer, id, paper, text, to, page, place } };
      }
      case "amendment.propose": {
        const before = this.book.amendments[command.amendment];
        const from = passage
          ? { page: passage.page, place: passage.label, before: textOf(words(passage.text)) }
          : before;
        if (!from) return null;
        const { amendment: id, paper, version, passage: number, text, to = "desk", reason = "" } = command;
        const { page, place, before: old } = from;
        const where = { paper, version, passage: number, page, place };
        const fate = { decided_on: 0, origin: "", lost: "" as const, lost_in: "" };
        const open = { state: "open" as const, reply: "", decided_by: "", decided_at: 0, ...fate };
        return {
          type: "amendment.proposed",
          amendment: { ...mine, ...open, ...where, id, to, reason, before: old, after: textOf(words(text)) },
        };
      }
      case "opinion.withdraw": {
        const opinion = this.book.opinions[command.opinion];
        return opinion ? { type: "opinion.withdrawn", opinion } : null;
      }
      case "amendment.withdraw": {
        const amendment = this.book.amendments[command.amendment];
        return amendment ? { type: "amendment.withdrawn", amendment } : null;
      }
    }
  }
}

function idOf(event: OpinionEvent): string {
  return "opinion" in event ? event.opinion.id : event.amendment.id;
}
