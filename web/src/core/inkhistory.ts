/**
 * Undo and redo of one person's own ink. Tombstones are for ever, so what comes back comes back as a copy with a new
 * id, and the history speaks of the copy from then on.
 */
import type { Stroke } from "./ink";

/** One thing the hand did: strokes that came and strokes that went. */
export interface Act {
  readonly added: readonly Stroke[];
  readonly removed: readonly Stroke[];
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

function renamed(acts: readonly Act[], copies: ReadonlyMap<string, Stroke>): Act[] {
  const now = (stroke: Stroke): Stroke => copies.get(stroke.id) ?? stroke;
  return acts.map((act) => ({ added: act.added.map(now), removed: act.removed.map(now) }));
}

/** Take back the last act of `from`; returns what to do and both rows afterwards. */
function takenBack(from: readonly Act[], to: readonly Act[], fresh: () => string): [Act, Act[], Act[]] | null {
  const last = from.at(-1);
  if (!last) return null;
  const copies = new Map(last.removed.map((stroke) => [stroke.id, { ...stroke, id: fresh() }]));
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
