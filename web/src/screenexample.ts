/** A meeting with a shared screen and a line to it that a test speaks for. */
import { meeting } from "./deskexample";
import { MeetingState } from "./state/meeting.svelte";
import type { StreamHandlers } from "./wire/follower";
import type { LiveClient } from "./wire/live";

/** `me` looks at the screen that "c" shares; "b" was handed the presenting, "a" presides. */
export class ScreenShown {
  readonly standing: MeetingState;
  /** What was asked of the stream of drawings, oldest first. */
  readonly asked: Record<string, unknown>[] = [];
  readonly hinted: [string, unknown][] = [];
  answer: { ok: boolean; code?: string } = { ok: true };
  private readonly followed = new Map<string, StreamHandlers>();

  constructor(me: string) {
    const live = {
      onLine: () => () => undefined,
      follow: (stream: string, handlers: StreamHandlers) => {
        this.followed.set(stream, handlers);
        return () => void this.followed.delete(stream);
      },
      hint: (stream: string, type: string, data: unknown) =>
        void (stream === "screen:m1" && this.hinted.push([type, data])),
      command: async (_stream: string, command: Record<string, unknown>) => {
        this.asked.push(command);
        return { now: 0, version: 0, details: {}, ...this.answer };
      },
      now: () => 1_000,
    } as unknown as LiveClient;
    this.standing = new MeetingState(live, "m1", me);
    this.standing.restore(meeting({ sharing: "c", presenting: "b", chair: "a" }), {});
  }

  /** The stream of drawings, to say something; undefined while nobody follows it. */
  get says(): StreamHandlers | undefined {
    return this.followed.get("screen:m1");
  }
}

/** A line as it is told, drawn by this person. */
export const mark = (id: string, by: string): Record<string, unknown> => ({
  kind: "stroke",
  id,
  by,
  at: 1,
  page: 1,
  tool: "pen",
  colour: "#1b3fa8",
  width: 44,
  points: [
    [0, 0, 500],
    [5_000, 2_000, 500],
  ],
});
