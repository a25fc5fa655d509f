/** Showing this device's screen to everybody: the browser asks which, the meeting is told, and the picture is sent. */
import { type LineState, Publisher, type World, browser } from "../wire/media";
import { type CodingTold, keepOpen } from "./conferencelines";
import type { MeetingState } from "./meeting.svelte";

export class ScreenSharing {
  /** Sending, or about to. */
  active = $state(false);
  sending = $state.raw<LineState>("connecting");
  /** What is sent, to be drawn on here. */
  stream = $state.raw<MediaStream | null>(null);

  private publisher: Publisher | null = null;
  private readonly end: () => void;

  constructor(
    private readonly standing: MeetingState,
    private readonly world: World = browser,
  ) {
    this.end = $effect.root(() => {
      $effect(() => {
        // Somebody else shows theirs, or the desk has stopped ours.
        if (this.publisher !== null && !this.isMine) this.put();
      });
      $effect(() => {
        const told = this.standing.statuses[`media.coding.screen:${this.standing.me}`] as CodingTold | undefined;
        if (told) void this.publisher?.setCoding(told.session, told.codec);
      });
    });
  }

  private readonly isMine = $derived.by(() => this.standing.meeting?.sharing === this.standing.me);
  /** Tablets cannot share their screen. */
  readonly isPossible = typeof navigator.mediaDevices?.getDisplayMedia === "function";

  async start(): Promise<void> {
    const stream = await navigator.mediaDevices
      .getDisplayMedia({ video: { frameRate: { max: 15 } } })
      .catch(() => null);
    if (stream === null) return; // Thought better of it.
    this.active = true;
    this.stream = stream;
    const answer = await this.standing.command({ type: "screen.share", sharing: true });
    if (!answer.ok) return this.put();
    stream.getVideoTracks()[0]?.addEventListener("ended", () => void this.stop());
    const publisher = new Publisher(this.standing.id, stream, { source: "screen", layers: false }, this.world);
    publisher.onState = (state) => (this.sending = state);
    this.publisher = publisher;
    await keepOpen(publisher, () => publisher !== this.publisher);
  }

  async stop(): Promise<void> {
    this.put();
    if (this.isMine) await this.standing.command({ type: "screen.share", sharing: false });
  }

  close(): void {
    void this.stop();
    this.end();
  }

  private put(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    void this.publisher?.close();
    [this.publisher, this.stream, this.active] = [null, null, false];
  }
}
