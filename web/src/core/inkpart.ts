/** Which part of the screen needs a canvas for lines that grow: every frame costs as much as that is large. Pure. */
import { type Bounds, NOWHERE, boundsOf, joined } from "./ink";
import { type Drawn, isStroke, longestBarb } from "./marks";
import { type Box, type View, scaleOf } from "./viewport";

/** In CSS pixels of the box. */
export interface Part extends Box {
  readonly left: number;
  readonly top: number;
}

/** Borders stand on multiples of this, which are whole pixels on any screen, and some way before the line. */
const GRID = 128;
const AHEAD = 64;

/** How far it reaches beyond its points. */
const around = (drawn: Drawn): number => (isStroke(drawn) ? drawn.width : longestBarb(drawn.width));
const within =
  (most: number) =>
  (value: number): number =>
    Math.min(most, Math.max(0, value));

/** The part that a line covers, not more than the box. */
function covered(line: Drawn, { x, y, width }: View, box: Box): Bounds {
  const unit = scaleOf({ x, y, width }, box);
  const { left, top, right, bottom } = boundsOf(line);
  const more = around(line);
  const [across, down] = [within(box.width), within(box.height)];
  return {
    left: across((left - more - x) * unit),
    top: down((top - more - y) * unit),
    right: across((right + more - x) * unit),
    bottom: down((bottom + more - y) * unit),
  };
}

/** The same part as before while everything is inside of it, else one that is large enough; null for nothing. */
export function partFor(before: Part | null, lines: readonly Drawn[], view: View, box: Box): Part | null {
  const all = lines.map((line) => covered(line, view, box)).reduce(joined, NOWHERE);
  if (all.left > all.right) return before;
  const isInside =
    before !== null &&
    before.left <= all.left &&
    before.top <= all.top &&
    all.right <= before.left + before.width &&
    all.bottom <= before.top + before.height;
  return isInside ? before : spread(all, box);
}

function spread({ left, top, right, bottom }: Bounds, box: Box): Part {
  const down = (value: number): number => Math.max(0, Math.floor((value - AHEAD) / GRID) * GRID);
  const up = (value: number, most: number): number => Math.min(most, Math.ceil((value + AHEAD) / GRID) * GRID);
  const [l, t] = [down(left), down(top)];
  return { left: l, top: t, width: up(right, box.width) - l, height: up(bottom, box.height) - t };
}
