import type { Answer } from "../wire/commands";
import type { LiveClient } from "../wire/live";
import type { Delivery, Outbox, Waiting } from "./outbox.svelte";

/** Answers of the line, or of a server that cannot write just now, or must not: the command was perhaps never heard. */
const UNHEARD: ReadonlySet<string> = new Set([
  "live.no_answer",
  "live.gone",
  "live.ended",
  "live.too_fast",
  "live.too_late",
  "storage.away",
  "storage.full",
]);
/** The system is stopped in this meeting: what belongs to it waits, and another meeting's does not wait for it. */
const STOPPED = "meeting.stopped";

/**
 * Put something into the outbox. False where it cannot be kept on this device (no outbox, a full disk, a broken store):
 * then it has to go out at once.
 */
export async function putInto(outbox: Pick<Outbox, "add"> | null, waiting: Waiting): Promise<boolean> {
  if (outbox === null) return false;
  return outbox.add(waiting).then(
    () => true,
    () => false,
  );
}

/** Delivers what waits in the outbox over the line; every answer is told, a refusal too: it is not tried again. */
export function deliveryBy(
  live: Pick<LiveClient, "command">,
  answered: (waiting: Waiting, answer: Answer) => void,
): (waiting: Waiting) => Promise<Delivery> {
  return async (waiting) => {
    const answer = await live.command(waiting.stream, waiting.command, { id: waiting.id });
    if (!answer.ok && UNHEARD.has(answer.code ?? "")) return "unsent";
    if (!answer.ok && answer.code === STOPPED) return "later";
    answered(waiting, answer);
    return "answered";
  };
}
