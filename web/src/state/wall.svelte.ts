/** The wall: one more receiver of whoever opened it, with a slot for every site of the page and one for the stage. */
import { untrack } from "svelte";
import { siteLines, type LineRow } from "../core/lines";
import { MOST_TILES, wallPages } from "../core/wall";
import { errorText } from "../i18n";
import { ask, Problem } from "../wire/http";
import { browser, Receiver, type World } from "../wire/media";
import { BesideScreen } from "./besidescreen.svelte";
import { receiveFor } from "./conferencelines";
import { enter } from "./entering";
import { line } from "./line";
import { MeetingState } from "./meeting.svelte";

export class WallState extends BesideScreen {
  page = $state(0);
  /** Why the wall may not be opened, as a sentence. */
  refusal = $state.raw<string | null>(null);
  private readonly end: () => void;

  constructor(
    standing: MeetingState,
    private readonly world: World = browser,
  ) {
    super(standing, "wall");
    this.end = $effect.root(() => this.live());
  }

  private readonly rows = $derived.by(() => (this.standing.statuses["lines"] ?? []) as readonly LineRow[]);
  readonly lines = $derived.by(() => (this.standing.meeting ? siteLines(this.standing.meeting, this.rows) : []));
  readonly pages = $derived.by(() => wallPages(this.lines));
  readonly shown = $derived.by(() => this.pages[Math.min(this.page, this.pages.length - 1)] ?? []);
  private readonly wanted = $derived.by(() => this.shown.map((one) => one.site.id).join("\n"));
  private readonly slots = $derived.by(() => {
    const { phase = "draft", stopped = 0 } = this.standing.meeting ?? {};
    const isOn = phase !== "draft" && phase !== "closed" && !stopped && !this.replaced && this.refusal === null;
    return isOn ? Math.min(this.lines.length, MOST_TILES) + 1 : 0;
  });

  turn(by: number): void {
    this.page = (this.page + by + this.pages.length) % this.pages.length;
  }

  rejoin(): void {
    this.replaced = false;
  }

  close(): void {
    this.end();
    this.standing.close();
  }

  private live(): void {
    $effect(() => {
      const slots = this.slots;
      return slots > 1 ? untrack(() => this.receive(slots)) : undefined;
    });
    $effect(() => {
      // Whoever comes back says its page again: media may have been replaced in between.
      const [wanted, isLive] = [this.wanted, this.receiving === "live"];
      if (wanted !== "" && isLive) void this.show(wanted.split("\n"));
    });
    this.heeds();
  }

  private receive(slots: number): () => void {
    const receiver = new Receiver(this.standing.id, slots, this.world, "wall");
    return receiveFor(this, receiver, () => {
      if (receiver.problem?.status === 403) this.refuse(receiver.problem);
    });
  }

  private async show(sites: readonly string[]): Promise<void> {
    try {
      await ask("PUT", `/api/meetings/${encodeURIComponent(this.standing.id)}/wall`, { body: { sites } });
    } catch (problem) {
      // A line that has just broken says its page again when it is back.
      if (problem instanceof Problem && problem.status === 403) this.refuse(problem);
    }
  }

  private refuse(problem: Problem): void {
    this.refusal = errorText(problem.code, problem.details);
  }
}

/** The wall of this meeting for whoever is signed in; the returned function leaves it. */
export function enterWall(meeting: string, opened: (wall: WallState) => void): () => void {
  return enter((me) => new WallState(new MeetingState(line(), meeting, me.person)), opened);
}
