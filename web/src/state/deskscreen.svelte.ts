/** The shared screen at a desk: received while somebody else shares theirs, without sound and without any picture else. */
import { untrack } from "svelte";
import { browser, Receiver, type World } from "../wire/media";
import { BesideScreen } from "./besidescreen.svelte";
import { receiveFor } from "./conferencelines";
import type { MeetingState } from "./meeting.svelte";

export class DeskScreen extends BesideScreen {
  private readonly end: () => void;

  constructor(
    standing: MeetingState,
    private readonly world: World = browser,
  ) {
    super(standing, "desk");
    this.end = $effect.root(() => this.live());
  }

  get me(): string {
    return this.standing.me;
  }

  private readonly isShared = $derived.by(() => {
    const sharer = this.standing.meeting?.sharing ?? "";
    return sharer !== "" && sharer !== this.standing.me;
  });

  close(): void {
    this.end();
  }

  private live(): void {
    $effect(() => {
      if (!this.isShared || this.replaced) return;
      return untrack(() => receiveFor(this, new Receiver(this.standing.id, 1, this.world, "desk")));
    });
    $effect(() => {
      // The next screen is another chance for this device.
      if (!this.isShared) this.replaced = false;
    });
    this.heeds();
  }
}
