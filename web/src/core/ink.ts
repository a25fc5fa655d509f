/** Ink: marks that never change, erased by tombstones, merged as sets, so that drawing without a line never conflicts. */

import {
  type Flat,
  LONGEST_PAPER,
  type Layer,
  type Mark,
  type MarkDraft,
  type Point,
  isBookmark,
  isStroke,
  wayOf,
} from "./marks";
import { UNITS } from "./viewport";

export type { Draft, Drawn, Layer, Mark, MarkDraft, Point, Stroke, Tool } from "./marks";

/** All marks of a paper that this tablet knows, and which are erased. */
export interface Ink {
  readonly marks: ReadonlyMap<string, Mark>;
  readonly erased: ReadonlySet<string>;
}

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Joined with anything, the other. */
export const NOWHERE: Bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };

export const NO_INK: Ink = { marks: new Map(), erased: new Set() };

/** More points than this are never stored in one stroke; a longer line goes on in the next. */
export const MOST_POINTS = 2000;

/** A line may leave the straight by this much before its points matter: a fifth of a point on A4. */
const TOLERANCE = 3;

/** Both sides' marks and both sides' tombstones; the order of merging does not matter, nor does merging twice. */
export function merged(one: Ink, other: Ink): Ink {
  return {
    marks: new Map([...one.marks, ...other.marks]),
    erased: new Set([...one.erased, ...other.erased]),
  };
}

export function withMarks(ink: Ink, marks: readonly Mark[]): Ink {
  return { ...ink, marks: new Map([...ink.marks, ...marks.map((mark) => [mark.id, mark] as const)]) };
}

/** A mark erased before it arrives stays erased. */
export function withErased(ink: Ink, ids: Iterable<string>): Ink {
  return { ...ink, erased: new Set([...ink.erased, ...ids]) };
}

/** What is to be seen on a page, oldest first; equal times in the order of ids, the same on every tablet. */
export function visible(ink: Ink, page: number, layers: ReadonlySet<Layer>): Mark[] {
  const seen = [...ink.marks.values()].filter(
    (mark) => mark.page === page && layers.has(mark.layer) && !isBookmark(mark) && !ink.erased.has(mark.id),
  );
  return seen.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

const boxes = new WeakMap<MarkDraft, Bounds>();

/** Half the thickness of its line; words have none. */
const halfOf = (mark: MarkDraft): number => (isStroke(mark) || mark.kind === "shape" ? mark.width / 2 : 0);

/** The smallest upright rectangle around a mark, the width of its line included. */
export function boundsOf(mark: MarkDraft): Bounds {
  const known = boxes.get(mark);
  if (known) return known;
  const half = halfOf(mark);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of wayOf(mark)) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const bounds = { left: left - half, top: top - half, right: right + half, bottom: bottom + half };
  boxes.set(mark, bounds);
  return bounds;
}

/** The smallest rectangle around both. */
export function joined(one: Bounds, other: Bounds): Bounds {
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}

export function overlap(a: Bounds, b: Bounds): boolean {
  return a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;
}

/** Square of the distance from a point to a piece of line. */
function toSegment([px, py]: Flat, [ax, ay]: Flat, [bx, by]: Flat): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : Math.min(1, Math.max(0, ((px - ax) * dx + (py - ay) * dy) / length));
  return (px - ax - part * dx) ** 2 + (py - ay - part * dy) ** 2;
}

/** Which side of a line a point lies on. */
const side = ([ax, ay]: Flat, [bx, by]: Flat, [px, py]: Flat): number =>
  Math.sign((bx - ax) * (py - ay) - (by - ay) * (px - ax));

/** Square of the distance between two pieces of line; zero where they cross. */
function between(a: Flat, b: Flat, c: Flat, d: Flat): number {
  const cross = side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
  return cross ? 0 : Math.min(toSegment(a, c, d), toSegment(b, c, d), toSegment(c, a, b), toSegment(d, a, b));
}

/** Whether the eraser, moved from one spot to another with this radius, touches the mark. Words are touched anywhere. */
export function touches(mark: MarkDraft, from: Flat, to: Flat, radius: number): boolean {
  const reach = radius + halfOf(mark);
  const swept: Bounds = {
    left: Math.min(from[0], to[0]) - radius,
    right: Math.max(from[0], to[0]) + radius,
    top: Math.min(from[1], to[1]) - radius,
    bottom: Math.max(from[1], to[1]) + radius,
  };
  if (!overlap(boundsOf(mark), swept)) return false;
  if (mark.kind === "note" || mark.kind === "comment") return true;
  const way = wayOf(mark);
  return way.some(([x, y], at) => {
    const [nx, ny] = way[Math.min(at + 1, way.length - 1)] ?? [x, y];
    return between(from, to, [x, y], [nx, ny]) <= reach * reach;
  });
}

/** How much of a change of pressure counts as much as one unit of way: half the range is a hair of the line's width. */
const PRESSURE_WEIGHT = 0.02;

/** Square of the distance of a point from the straight way between two others, in place and in pressure. */
function strays([x, y, p]: Point, [ax, ay, ap]: Point, [bx, by, bp]: Point): number {
  const length = Math.hypot(bx - ax, by - ay);
  const part = length === 0 ? 0 : Math.min(1, Math.hypot(x - ax, y - ay) / length);
  const pressure = (p - ap - part * (bp - ap)) * PRESSURE_WEIGHT;
  return toSegment([x, y], [ax, ay], [bx, by]) + pressure * pressure;
}

/** Ramer–Douglas–Peucker without recursion: the points that matter at this tolerance. */
function thinned(points: readonly Point[], tolerance: number): Point[] {
  const keep = new Uint8Array(points.length);
  keep[0] = keep[points.length - 1] = 1;
  const spans: [number, number][] = [[0, points.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [first, last] = span;
    const far = farthest(points, first, last);
    if (far.square <= tolerance * tolerance) continue;
    keep[far.at] = 1;
    spans.push([first, far.at], [far.at, last]);
  }
  return points.filter((_, at) => keep[at] === 1);
}

function farthest(points: readonly Point[], first: number, last: number): { at: number; square: number } {
  const [from, to] = [points[first] as Point, points[last] as Point];
  let found = { at: first, square: -1 };
  for (let at = first + 1; at < last; at++) {
    const square = strays(points[at] as Point, from, to);
    if (square > found.square) found = { at, square };
  }
  return found;
}

/** Points no further apart than `step`, added on the straight way, so that a stored line is drawn as it was written. */
export function dense(points: readonly Point[], step: number): Point[] {
  return points.flatMap((point, at) => {
    const before = points[at - 1];
    if (!before) return [point];
    const pieces = Math.max(1, Math.ceil(Math.hypot(point[0] - before[0], point[1] - before[1]) / step));
    return Array.from({ length: pieces }, (_, piece): Point => {
      const part = (piece + 1) / pieces;
      const between = (index: 0 | 1 | 2): number => before[index] + (point[index] - before[index]) * part;
      return [between(0), between(1), between(2)];
    });
  });
}

const whole = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, Math.round(Number.isFinite(value) ? value : 0)));

/** Points as they are stored: whole numbers on the page, no repetition, not too many, the line unchanged to the eye. */
export function stored(points: readonly Point[], bottom = LONGEST_PAPER, most = MOST_POINTS): Point[] {
  const rounded = points.map(([x, y, p]): Point => [
    whole(x, 0, UNITS),
    whole(y, 0, Math.round(bottom)),
    whole(p, 0, 1000),
  ]);
  const moving = rounded.filter(([x, y], at) => at === 0 || x !== rounded[at - 1]?.[0] || y !== rounded[at - 1]?.[1]);
  let kept = moving.length > 2 ? thinned(moving, TOLERANCE) : moving;
  for (let tolerance = 2 * TOLERANCE; kept.length > most; tolerance *= 2) kept = thinned(moving, tolerance);
  return kept;
}
