/** Keeping a media line open: the first connection may fail as well as any later one. */
import type { Coding } from "../core/coding";
import type { Line, LineState, Receiver } from "../wire/media";
import { Problem } from "../wire/http";

const PAUSES = [500, 1_000, 2_000, 4_000, 8_000];

/** What a `media.camera:` or `media.screen:` status says of one session. */
export interface Told {
  readonly type: "joined" | "gone";
  readonly session: string;
  readonly direction: "up" | "down";
  readonly reason?: "closed" | "lost" | "failed" | "revoked";
}

/** What a `media.coding.` status says of one session. */
export interface CodingTold {
  readonly session: string;
  readonly codec: Coding;
}

/** Open the line, again and again until it stands or `isOver`; afterwards it keeps itself. */
export async function keepOpen(line: Line, isOver: () => boolean): Promise<void> {
  for (let count = 0; !isOver(); count++) {
    try {
      return await line.open();
    } catch (error) {
      // Refused while the meeting has just changed, or the media process is being replaced: both pass.
      if (error instanceof Problem && error.status === 401) return line.close(error);
      await new Promise((done) => setTimeout(done, PAUSES[Math.min(count, PAUSES.length - 1)]));
    }
  }
}

/** Who receives: what comes, how its line stands, and how many tracks have come. */
export interface Receiving {
  receiver: Receiver | null;
  receiving: LineState;
  tracks: number;
}

/** Receive for `here` until the returned function is called; `onState` hears of every state after `here` shows it. */
export function receiveFor(here: Receiving, receiver: Receiver, onState?: () => void): () => void {
  let over = false;
  receiver.onState = (state) => {
    here.receiving = state;
    onState?.();
  };
  receiver.onTrack = () => void here.tracks++;
  here.receiving = "connecting";
  here.receiver = receiver;
  void keepOpen(receiver, () => over);
  return () => {
    over = true;
    here.receiver = null;
    void receiver.close();
  };
}

/**
 * Another device of the same person or site has taken this line's place: `told` names its session, or says that ours
 * was closed though we did not ask for it. Coming back at once would make two devices push each other out for ever.
 */
export function isReplaced(line: Line, direction: Told["direction"], told: Told | null): boolean {
  if (told === null || told.direction !== direction || line.state === "closed" || line.session === "") return false;
  if (told.type === "gone") return told.session === line.session && told.reason === "closed";
  return told.session !== line.session && line.state === "live";
}
