/** Everything a screen inside a meeting holds, opened together and closed together. */
import { untrack } from "svelte";
import { usualPlace } from "../core/attendance";
import type { Layer } from "../core/ink";
import { keptBack } from "../core/paperrights";
import type { PageWidth } from "../core/pages";
import { versionsGone } from "../core/withdrawn";
import { errorText } from "../i18n";
import type { Answer } from "../wire/commands";
import type { Arrive, CastVote, Meeting } from "../wire/types";
import { deliveryBy, putInto } from "./delivery";
import { line } from "./line";
import { MeetingState, type OwnVotes, presents, seesDesk } from "./meeting.svelte";
import type { Waiting } from "./outbox.svelte";
import { OpinionsState } from "./opinions.svelte";
import { outboxOf } from "./outboxhere";
import { PaperSearch } from "./papersearch.svelte";
import { PapersInk } from "./papersink.svelte";
import { FolderState } from "./folder.svelte";
import { Pointing } from "./pointing.svelte";
import { Preload } from "./preload.svelte";
import { type Read, Reading } from "./reading.svelte";
import { Replaced } from "./replaced.svelte";

/** What is kept of a meeting so that a tablet which restarts without a network goes on where it was. */
interface KeptRoom {
  readonly meeting: Meeting;
  readonly votes: OwnVotes;
  readonly read: Read;
  /** By this device's clock, in milliseconds. */
  readonly at: number;
}

const KEEP_EVERY_MS = 4_000;
const SEND_AGAIN_MS = 2_000;
const BRING_AGAIN_MS = 60_000;
/** A place of my own in a paper is taken up again after a restart, not on another day. */
const SAME_SITTING_MS = 6 * 3_600_000;
const LAYERS: readonly Layer[] = ["mine", "desk", "all"];
const OWN: readonly Layer[] = ["mine"];

export class RoomState {
  readonly standing: MeetingState;
  /** My own papers, beside the meeting's. */
  readonly folder: FolderState;
  readonly reading: Reading;
  readonly ink: PapersInk;
  readonly pointing: Pointing;
  readonly opinions: OpinionsState;
  readonly preload = new Preload();
  readonly replaced = new Replaced();
  /** The search in the paper on screen; null while nothing is looked for. */
  found = $state.raw<PaperSearch | null>(null);
  /** Strokes, opinions and votes that the server does not have yet. */
  waiting = $state(0);
  private readonly live = line();
  private readonly ends: (() => void)[] = [];
  /** By command: the votes of this page that nobody has answered. */
  private readonly casts = new Map<string, { readonly waiting: Waiting; told: (answer: Answer) => void }>();
  /** Of these, the ones that go out without being kept. */
  private readonly atOnce = new Set<string>();
  private kept: Meeting | null = null;
  private again: ReturnType<typeof setTimeout> | undefined;
  /** What was here before a restart is shown: only then is it sent, or its answer could come before. */
  private readonly resumed: Promise<void>;

  constructor(
    private readonly id: string,
    private readonly person: string,
  ) {
    this.standing = new MeetingState(this.live, id, person);
    this.standing.castThrough = (command) => this.cast(command);
    this.folder = new FolderState(person);
    this.ends.push(() => this.folder.close());
    this.reading = new Reading(this.standing, () => this.folder.readable);
    this.pointing = new Pointing(this.live, person);
    this.ink = new PapersInk(this.live, person, () => outboxOf(person), {
      sent: () => void this.flush(),
      answered: this.answered,
      pointed: this.pointing.heard,
      tidies: () => seesDesk(this.standing.roles),
    });
    this.opinions = new OpinionsState({
      live: this.live,
      outbox: () => outboxOf(person),
      sent: () => void this.flush(),
      refused: ({ code, details }) => (this.standing.problem = errorText(code ?? "", details)),
      meeting: id,
      me: person,
    });
    this.ends.push(() => this.opinions.close());
    this.resumed = this.resume().catch(() => undefined);
    this.ends.push(this.live.onLine(({ step, since }) => step === "fine" && since === null && void this.flush()));
    this.ends.push(this.watch());
    void this.flush();
    void this.preload.claim(person);
  }

  /** The layers of ink this person may see: the server shows of each what is theirs to see. */
  readonly layers = $derived.by((): readonly Layer[] => (this.reading.mine ? OWN : LAYERS));
  readonly writable = $derived.by((): readonly Layer[] => {
    if (this.reading.mine) return OWN;
    return presents(this.standing.roles) || this.standing.meeting?.rules.ink_for_all ? LAYERS : ["mine", "desk"];
  });

  /** Check in: entering the room is arriving. */
  async arrive(): Promise<void> {
    const { meeting, member } = this.standing;
    if (!meeting || !member || !ARRIVING.has(meeting.phase) || member.substituted_by) return;
    if (member.attendance.state === "expected") await this.arriveAt(usualPlace(meeting, member), true);
  }

  /** Say where I am; quietly when nobody pressed a button for it. */
  async arriveAt(place: Arrive["place"], quietly = false): Promise<void> {
    const command: Arrive = { type: "attendance.arrive", place };
    if (quietly) await this.live.command(this.standing.stream, command);
    else await this.standing.command(command);
  }

  private width = $state<PageWidth | null>(null);
  private brought = "";
  private closed = false;
  private bringing: ReturnType<typeof setTimeout> | undefined;
  private readonly ready = $derived.by(() =>
    Object.values(this.standing.meeting?.papers ?? {}).filter((paper) => paper.state === "ready"),
  );
  private readonly versions = $derived.by(() => {
    const { meeting } = this.standing;
    return this.ready.map((paper) => `${paper.version}${keptBack(meeting, paper)}`).join();
  });
  private readonly isShown = $derived.by(() => this.standing.meeting !== null);

  /**
   * Bring all papers of the meeting onto this device: now, when papers come, and what could not be had again when the
   * line is back, and now and then.
   */
  bring(width: PageWidth): void {
    this.width = width;
    void this.folder.open(false);
  }

  private async bringReady(): Promise<void> {
    const { width, versions } = this;
    const isCut = this.standing.line.step !== "fine";
    clearTimeout(this.bringing);
    if (width === null || (this.brought === versions && (isCut || this.preload.missing === 0))) return;
    this.brought = versions;
    const papers = this.ready.map((paper) => ({ ...paper, restricted: keptBack(this.standing.meeting, paper) }));
    await this.preload.bring(papers, width, { isCut });
    if (this.preload.missing > 0 && !this.closed && !isCut)
      this.bringing = setTimeout(() => void this.bringReady(), BRING_AGAIN_MS);
  }

  /** Begin to search the paper on screen. */
  search(): void {
    const paper = this.reading.place?.paper;
    this.found = paper?.version ? new PaperSearch(paper.version, paper.pages) : null;
  }

  close(): void {
    void this.keep();
    clearTimeout(this.again);
    clearTimeout(this.bringing);
    this.closed = true;
    for (const end of this.ends.splice(0)) end();
    this.pointing.close();
    this.ink.close();
    this.standing.close();
  }

  /** Send what waits; what could not be sent is tried again, at the latest when the line is back. */
  private flush = async (): Promise<void> => {
    await this.resumed;
    const outbox = await outboxOf(this.person);
    const deliver = deliveryBy(this.live, this.answered);
    const isBroken = await outbox?.send(deliver).then(
      () => false,
      () => true,
    );
    this.waiting = outbox?.waiting ?? 0;
    clearTimeout(this.again);
    if (isBroken || this.waiting > 0) this.again = setTimeout(this.flush, SEND_AGAIN_MS);
    // What lies where it cannot be read any more is still known here; sent twice, it counts once.
    if (isBroken ?? true) for (const { waiting } of this.casts.values()) void this.sendAtOnce(waiting);
  };

  /** The server has answered something of the outbox; it may be from before a restart. */
  private answered = (waiting: Waiting, answer: Answer): void => {
    if (waiting.kind === "note") this.opinions.answered(waiting, answer);
    if (waiting.kind === "vote") this.standing.voted(waiting.command as CastVote, answer);
    else if (!answer.ok) {
      this.standing.problem = errorText(answer.code ?? "", answer.details);
      this.ink.refused(waiting);
    }
    this.casts.get(waiting.id)?.told(answer);
    this.casts.delete(waiting.id);
  };

  /** A vote is on the device before it is sent, so that a tablet which dies now sends it when it comes back. */
  private async cast(command: CastVote): Promise<Answer> {
    const id = crypto.randomUUID();
    const { stream } = this.standing;
    const waiting: Waiting = { kind: "vote", id, stream, ballot: command.ballot, secret: false, command };
    const outbox = await outboxOf(this.person);
    const answered = new Promise<Answer>((told) => this.casts.set(id, { waiting, told }));
    if (await putInto(outbox, waiting)) void this.flush();
    else void this.sendAtOnce(waiting);
    return answered;
  }

  /** What cannot be kept on this device goes out as long as this page lives. */
  private async sendAtOnce(waiting: Waiting): Promise<void> {
    const { id, stream, command } = waiting;
    if (this.atOnce.has(id) || !this.casts.has(id)) return;
    this.atOnce.add(id);
    const answer = await this.live.command(stream, command, { id, keep: true });
    this.atOnce.delete(id);
    this.answered(waiting, answer);
  }

  /** What was here before a restart: shown until the server says better. */
  private async resume(): Promise<void> {
    const outbox = await outboxOf(this.person);
    const kept = await outbox?.kept<KeptRoom>(this.shelf);
    if (kept) {
      this.standing.restore(kept.meeting, kept.votes);
      if (Date.now() - kept.at < SAME_SITTING_MS) this.reading.restore(kept.read);
    }
    for (const waiting of (await outbox?.mine()) ?? []) {
      if (waiting.kind === "vote" && waiting.stream === this.standing.stream) {
        this.standing.cast(waiting.command as CastVote);
      }
    }
  }

  private get shelf(): string {
    return `meeting/${this.id}`;
  }

  private watch(): () => void {
    const timer = setInterval(() => void this.keep(), KEEP_EVERY_MS);
    const hidden = (): void => void (document.visibilityState === "hidden" && this.keep());
    document.addEventListener("visibilitychange", hidden);
    const end = $effect.root(() => {
      $effect(() => {
        void [this.standing.line.step === "fine", this.width, this.versions];
        untrack(() => void this.bringReady());
      });
      $effect(() => {
        // My own papers come after the meeting's.
        const [isFree] = [this.standing.line.step === "fine" && !this.preload.busy, this.folder.readable];
        untrack(() => (isFree ? void this.folder.bring() : this.folder.pages.stop()));
      });
      $effect(() => {
        const version = this.reading.place?.paper.version ?? "";
        this.ink.only([version]);
        if (untrack(() => this.found)?.version !== version) this.found = null;
      });
      $effect(() => {
        // A tablet may stop at any moment, and most often when its line has just gone.
        const [isShown] = [this.isShown, this.standing.line.step];
        if (isShown) untrack(() => void this.keep());
      });
      let before: Meeting | null = null;
      $effect(() => {
        const now = this.standing.meeting;
        for (const version of versionsGone(before, now)) void this.preload.withdraw(version);
        const then = before;
        untrack(() => this.replaced.happened(then, now));
        before = now;
      });
    });
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", hidden);
      end();
    };
  }

  private lastRead = "";

  private async keep(): Promise<void> {
    const { meeting, votes } = this.standing;
    const { read } = this.reading;
    const place = JSON.stringify([read, votes]);
    if (!meeting || (meeting === this.kept && place === this.lastRead)) return;
    [this.kept, this.lastRead] = [meeting, place];
    const content: KeptRoom = { meeting, votes, read, at: Date.now() };
    const outbox = await outboxOf(this.person);
    // A full disk, or signed out a moment ago: the meeting goes on without it.
    await outbox?.keep(this.shelf, content).catch(() => undefined);
  }
}

const ARRIVING: ReadonlySet<string> = new Set(["published", "open", "break"]);
