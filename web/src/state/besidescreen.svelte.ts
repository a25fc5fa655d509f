/** One more screen of somebody, beside the one they have: it only receives. */
import { untrack } from "svelte";
import { readSeats } from "../core/conferenceseats";
import type { LineState, Receiver } from "../wire/media";
import { isReplaced, type Told } from "./conferencelines";
import type { MeetingState } from "./meeting.svelte";

export abstract class BesideScreen {
  receiver = $state.raw<Receiver | null>(null);
  receiving = $state.raw<LineState>("connecting");
  /** Counts new tracks: a picture on screen begins anew. */
  tracks = $state(0);
  /** Another device shows it instead. */
  replaced = $state(false);

  constructor(
    readonly standing: MeetingState,
    private readonly part: "wall" | "desk",
  ) {}

  private readonly endpoint = $derived.by(() => `${this.standing.me}~${this.part}`);
  readonly seats = $derived.by(() => readSeats(this.standing.statuses[`media.slots:${this.endpoint}`]));
  private readonly told = $derived.by(
    () => (this.standing.statuses[`media.camera:${this.endpoint}`] ?? null) as Told | null,
  );

  /** Hear what the house says of this line; to be called among the effects. */
  protected heeds(): void {
    $effect(() => {
      const told = this.told;
      untrack(() => this.heed(told));
    });
  }

  private heed(told: Told | null): void {
    const receiver = this.receiver;
    if (receiver === null || told === null) return;
    if (isReplaced(receiver, "down", told)) this.replaced = true;
    else if (told.type === "gone") receiver.goodbye(told.session, told.reason ?? "lost");
  }
}
