/**
 * What somebody changes in a text, word by word; the twin of `server/redline.py` (Myers, "An O(ND) Difference Algorithm
 * and Its Variations", 1986). `tests/golden/redlines.json` holds both to the same.
 */

export interface Piece {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** The words from `start` to before `end` give way to others; none of either may be there. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly words: readonly string[];
}

/** The word that stands for a new paragraph. */
const LINE = "\n";
/** Beyond so many words out and in, one text stands for the other. */
const MOST_EDITS = 200;

/** The words of a text; lines that hold any are divided by `LINE`. */
export function words(text: string): string[] {
  const lines = text.split("\n").map((line) => line.split(/\s+/).filter(Boolean));
  return lines.filter((line) => line.length > 0).flatMap((line, at) => (at === 0 ? line : [LINE, ...line]));
}

/** The words as a text again. */
export function textOf(these: readonly string[]): string {
  return these
    .join(" ")
    .replaceAll(` ${LINE} `, LINE)
    .replace(/^ +| +$/g, "");
}

/** The text with its changes: what goes stands before what comes. */
export function redline(before: string, after: string): Piece[] {
  const old = words(before);
  const pieces: Piece[] = [];
  const add = (kind: Piece["kind"], some: readonly string[]): void => {
    if (some.length > 0) pieces.push({ kind, text: some.join(" ") });
  };
  let at = 0;
  for (const edit of edits(old, words(after))) {
    add("same", old.slice(at, edit.start));
    add("gone", old.slice(edit.start, edit.end));
    add("new", edit.words);
    at = edit.end;
  }
  add("same", old.slice(at));
  return pieces;
}

/** The text with all these proposals in it; null when two of them want different things of the same words. */
export function merged(before: string, proposals: readonly string[]): string | null {
  const old = words(before);
  const wanted = new Map<string, Edit>();
  for (const proposed of proposals)
    for (const edit of edits(old, words(proposed))) wanted.set(JSON.stringify(edit), edit);
  const made: string[] = [];
  let at = 0;
  let last: Edit | null = null;
  for (const edit of [...wanted.values()].sort((one, other) => one.start - other.start || one.end - other.end)) {
    if (last && meet(last, edit)) return null;
    made.push(...old.slice(at, edit.start), ...edit.words);
    [at, last] = [edit.end, edit];
  }
  return textOf([...made, ...old.slice(at)]);
}

function meet(first: Edit, second: Edit): boolean {
  return first.start === second.start || (first.start < second.end && second.start < first.end);
}

function edits(before: readonly string[], after: readonly string[]): Edit[] {
  const found: Edit[] = [];
  let [old, fresh] = [0, 0];
  for (const [atOld, atNew] of [...matches(before, after), [before.length, after.length] as const]) {
    if (atOld > old || atNew > fresh) found.push({ start: old, end: atOld, words: after.slice(fresh, atNew) });
    [old, fresh] = [atOld + 1, atNew + 1];
  }
  return found;
}

type Match = readonly [old: number, fresh: number];

/** Which words stay: their places in both texts. */
function matches(before: readonly string[], after: readonly string[]): Match[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const old = before.slice(head, before.length - tail);
  const fresh = after.slice(head, after.length - tail);
  return [
    ...Array.from({ length: head }, (_, at): Match => [at, at]),
    ...traced(furthest(old, fresh), old.length, fresh.length).map(([x, y]): Match => [head + x, head + y]),
    ...Array.from({ length: tail }, (_, at): Match => [before.length - tail + at, after.length - tail + at]),
  ];
}

/** How far each diagonal came. */
type Reach = ReadonlyMap<number, number>;
const far = (reach: Reach, diagonal: number): number => reach.get(diagonal) ?? 0;

function goesDown(reach: Reach, diagonal: number, step: number): boolean {
  return diagonal === -step || (diagonal !== step && far(reach, diagonal - 1) < far(reach, diagonal + 1));
}

/** How far each diagonal came before each step; empty when there are too many steps. */
function furthest(old: readonly string[], fresh: readonly string[]): Reach[] {
  const reach = new Map([[1, 0]]);
  const steps: Reach[] = [];
  for (let step = 0; step <= MOST_EDITS; step += 1) {
    steps.push(new Map(reach));
    for (let diagonal = -step; diagonal <= step; diagonal += 2) {
      let x = goesDown(reach, diagonal, step) ? far(reach, diagonal + 1) : far(reach, diagonal - 1) + 1;
      while (x < old.length && x - diagonal < fresh.length && old[x] === fresh[x - diagonal]) x += 1;
      reach.set(diagonal, x);
      if (x >= old.length && x - diagonal >= fresh.length) return steps;
    }
  }
  return [];
}

/** The way back from the end: which words were met on it. */
function traced(steps: readonly Reach[], x: number, y: number): Match[] {
  const met: Match[] = [];
  for (let step = steps.length - 1; step >= 0; step -= 1) {
    const reach = steps[step]!;
    const diagonal = x - y;
    const before = goesDown(reach, diagonal, step) ? diagonal + 1 : diagonal - 1;
    const old = far(reach, before);
    while (x > old && y > old - before) {
      [x, y] = [x - 1, y - 1];
      met.push([x, y]);
    }
    [x, y] = [old, old - before];
  }
  return met.reverse();
}
