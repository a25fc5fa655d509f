/** Everything a screen inside a meeting holds, opened together and closed together. */
import type { Layer } from "../core/ink";
import { line } from "./line";
import { MeetingState, type Role, steers } from "./meeting.svelte";
import { Outbox } from "./outbox.svelte";
import { PapersInk } from "./papersink.svelte";
import { Preload } from "./preload.svelte";
import { Reading } from "./reading.svelte";
import type { PageWidth } from "../core/pages";
import { ask } from "../wire/http";
import type { Arrive } from "../wire/types";

export class RoomState {
  readonly standing: MeetingState;
  readonly reading: Reading;
  readonly ink: PapersInk;
  readonly preload = new Preload();
  private outbox: Outbox | null = null;
  private readonly live = line();
  private readonly ends: (() => void)[] = [];

  constructor(meeting: string, person: string) {
    this.standing = new MeetingState(this.live, meeting, person);
    this.reading = new Reading(this.standing);
    this.ink = new PapersInk(this.live, person, () => this.outbox);
    this.ends.push(this.live.onLine((state) => state.step === "fine" && void this.ink.flush()));
    void this.openOutbox(person);
    void this.preload.claim(person);
  }

  /** The layers of ink this person sees, and those they may write to. */
  readonly layers = $derived.by((): readonly Layer[] =>
    seesDesk(this.standing.roles) ? ["mine", "desk", "all"] : ["mine", "all"],
  );
  readonly writable = $derived.by((): readonly Layer[] => {
    const roles = this.standing.roles;
    const presents = steers(roles) || roles.has("secretary") || roles.has("presenter");
    return presents || this.standing.meeting?.rules.ink_for_all ? ["mine", "desk", "all"] : ["mine", "desk"];
  });

  /** Check in: entering the room is arriving. */
  async arrive(): Promise<void> {
    const { meeting, member } = this.standing;
    if (!meeting || !member || !ARRIVING.has(meeting.phase) || member.substituted_by) return;
    const place: Arrive["place"] = meeting.form === "online" ? "online" : member.site ? "site" : "room";
    if (member.attendance.state === "expected") await this.live.command(this.standing.stream, arrival(place));
  }

  /** Bring all papers of the meeting onto this device. */
  bring(width: PageWidth): void {
    const papers = Object.values(this.standing.meeting?.papers ?? {}).filter((paper) => paper.state === "ready");
    void this.preload.bring(
      papers.map((paper) => ({ version: paper.version, pages: paper.pages, restricted: paper.readers !== "all" })),
      width,
    );
  }

  close(): void {
    for (const end of this.ends.splice(0)) end();
    this.ink.close();
    this.standing.close();
  }

  private async openOutbox(person: string): Promise<void> {
    try {
      const { key } = await ask<{ key: string }>("POST", "/api/outbox-key");
      this.outbox = await Outbox.signIn(
        person,
        Uint8Array.from(atob(key), (c) => c.charCodeAt(0)),
      );
    } catch {
      this.outbox = await Outbox.resume(person);
    }
    await this.ink.flush();
  }
}

const ARRIVING: ReadonlySet<string> = new Set(["published", "open", "break"]);

function arrival(place: Arrive["place"]): Arrive {
  return { type: "attendance.arrive", place };
}

function seesDesk(roles: ReadonlySet<Role>): boolean {
  return steers(roles) || roles.has("secretary") || roles.has("deputy");
}
