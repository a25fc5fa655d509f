/**
 * Undo and redo of one person's own ink. Tombstones are for ever, so what comes back comes back as a copy with a new
 * id, and the history speaks of the copy from then on.
 */
import type { Mark } from "./marks";

/** One thing the hand did: marks that came and marks that went. */
export interface Act {
  readonly added: readonly Mark[];
  readonly removed: readonly Mark[];
}

export interface History {
  readonly done: readonly Act[];
  readonly undone: readonly Act[];
}

export interface Undone {
  readonly history: History;
  /** To be carried out now: draw `added`, erase `removed`. */
  readonly act: Act;
}

export const NO_HISTORY: History = { done: [], undone: [] };

/** Older acts than this are forgotten. */
const DEPTH = 200;

/** The hand did something new: what was undone before cannot be redone any more. */
export function remembered(history: History, act: Act): History {
  return { done: [...history.done, act].slice(-DEPTH), undone: [] };
}

function renamed(acts: readonly Act[], copies: ReadonlyMap<string, Mark>): Act[] {
  const now = (mark: Mark): Mark => copies.get(mark.id) ?? mark;
  return acts.map((act) => ({ added: act.added.map(now), removed: act.removed.map(now) }));
}

/** Take back the last act of `from`; returns what to do and both rows afterwards. */
function takenBack(from: readonly Act[], to: readonly Act[], fresh: () => string): [Act, Act[], Act[]] | null {
  const last = from.at(-1);
  if (!last) return null;
  const copies = new Map(last.removed.map((mark) => [mark.id, { ...mark, id: fresh() }]));
  const act: Act = { added: [...copies.values()], removed: last.added };
  return [act, renamed(from.slice(0, -1), copies), [...renamed(to, copies), act]];
}

export function undo(history: History, fresh: () => string): Undone | null {
  const taken = takenBack(history.done, history.undone, fresh);
  return taken && { act: taken[0], history: { done: taken[1], undone: taken[2] } };
}

export function redo(history: History, fresh: () => string): Undone | null {
  const taken = takenBack(history.undone, history.done, fresh);
  return taken && { act: taken[0], history: { done: taken[2], undone: taken[1] } };
}
