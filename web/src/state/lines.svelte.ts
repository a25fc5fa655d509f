/** The technician's board: every line as the server says it, how each fared, and what may be done about one. */
import { untrack } from "svelte";
import type { CheckItem, Checklist, Findings } from "../core/checklist";
import { type LineRow, siteLines } from "../core/lines";
import type { LineTest } from "../core/linetest";
import type { RegisteredSite } from "../core/prepare";
import { extended, type Trend } from "../core/trend";
import { errorText, refusalWords } from "../i18n";
import { ask, type Method, Problem } from "../wire/http";
import { enter } from "./entering";
import { line } from "./line";
import { MeetingState } from "./meeting.svelte";
import { registeredSites } from "./prepare.svelte";

interface Board {
  readonly rows: readonly LineRow[];
  readonly trend: Readonly<Record<string, Trend>>;
  readonly tests: Readonly<Record<string, LineTest>>;
  readonly checklist: Checklist;
}

export class LinesState {
  trend = $state.raw<Readonly<Record<string, Trend>>>({});
  registry = $state.raw<Readonly<Record<string, RegisteredSite>>>({});
  /** Why the board may not be seen, as a sentence. */
  refusal = $state.raw<string | null>(null);

  private listed = $state.raw<Checklist>({});
  private first = $state.raw<readonly LineRow[]>([]);
  private kept = $state.raw<Readonly<Record<string, LineTest>>>({});
  private readonly end: () => void;

  constructor(readonly standing: MeetingState) {
    this.end = $effect.root(() => {
      $effect(() => {
        const rows = this.told;
        if (rows) untrack(() => this.grow(rows));
      });
    });
    void this.load();
  }

  private readonly told = $derived.by(() => (this.standing.statuses["lines"] ?? null) as readonly LineRow[] | null);
  /** Nothing is so any more once the meeting is over; how it was, the trends say. */
  readonly rows = $derived.by(() => (this.standing.meeting?.phase === "closed" ? [] : (this.told ?? this.first)));
  readonly lines = $derived.by(() => (this.standing.meeting ? siteLines(this.standing.meeting, this.rows) : []));
  /** The last test of each site: those loaded, and those that came since. */
  readonly tests = $derived.by((): Readonly<Record<string, LineTest>> => {
    const fresh = Object.entries(this.standing.statuses)
      .filter(([topic, value]) => topic.startsWith("line.test:") && value)
      .map(([, value]) => value as LineTest);
    return { ...this.kept, ...Object.fromEntries(fresh.map((test) => [test.site, test])) };
  });

  /** What was looked at in the main room, as told last. */
  readonly checklist = $derived.by(
    () => (this.standing.statuses["line.checklist"] as Checklist | null | undefined) ?? this.listed,
  );

  /** Sound only at this site, or everything again. */
  audioOnly(site: string, on: boolean): Promise<boolean> {
    return this.does("PUT", `/lines/${encodeURIComponent(site)}`, { audio_only: on });
  }

  reconnect(site: string): Promise<boolean> {
    return this.does("POST", `/lines/${encodeURIComponent(site)}/reconnect`, {});
  }

  async mute(site: string): Promise<boolean> {
    return (await this.standing.command({ type: "microphone.switch", who: site, open: false })).ok;
  }

  async muteAll(): Promise<boolean> {
    return (await this.standing.command({ type: "microphones.close_all" })).ok;
  }

  /** Somebody looked at one thing of the main room; open: it is to be looked at again. */
  tick(item: CheckItem, state: "good" | "bad" | "open", note = ""): Promise<boolean> {
    return this.does("PUT", `/checklist/${item}`, { state, note });
  }

  /** What the house finds wrong with itself; null where it does not answer. */
  async inspect(): Promise<Findings | null> {
    const path = `${this.path}/checklist/house`;
    return await ask<{ findings: Findings }>("GET", path).then(
      ({ findings }) => findings,
      () => null,
    );
  }

  /** The test sound at these sites; at all where none is named. */
  sound(sites: readonly string[] = []): Promise<boolean> {
    return this.does("POST", "/lines/sound", { sites });
  }

  close(): void {
    this.end();
    this.standing.close();
  }

  private get path(): string {
    return `/api/meetings/${encodeURIComponent(this.standing.id)}`;
  }

  private async does(method: Method, path: string, body: unknown): Promise<boolean> {
    const refusal = await ask(method, `${this.path}${path}`, { body }).then(() => null, refusalWords);
    if (refusal !== null) this.standing.problem = refusal;
    return refusal === null;
  }

  private async load(): Promise<void> {
    try {
      const board = await ask<Board>("GET", `${this.path}/lines`);
      [this.first, this.trend, this.kept, this.listed] = [board.rows, board.trend, board.tests, board.checklist];
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status === 403) this.refusal = errorText(problem.code, problem.details);
      else this.standing.problem = errorText(problem.code, problem.details);
    }
    // Without the registry the board knows the telephone written in the meeting.
    const known = await registeredSites().catch(() => []);
    this.registry = Object.fromEntries(known.map((site) => [site.id, site]));
  }

  private grow(rows: readonly LineRow[]): void {
    const now = this.standing.now();
    const grown = rows.map((row) => [row.site, extended(this.trend[row.site] ?? [], row, now)] as const);
    if (grown.some(([site, points]) => points !== this.trend[site]))
      this.trend = { ...this.trend, ...Object.fromEntries(grown) };
  }
}

/** The board of this meeting for whoever is signed in; the returned function leaves it. */
export function enterBoard(meeting: string, opened: (board: LinesState) => void): () => void {
  return enter((me) => new LinesState(new MeetingState(line(), meeting, me.person)), opened);
}
