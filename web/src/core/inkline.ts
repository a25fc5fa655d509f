/** The line of a pen or marker as geometry: what it runs along, and its outline, of the whole or of a piece. */
import { type StrokePoint, getStrokeOutlinePoints, getStrokePoints } from "perfect-freehand";
import { dense } from "./ink";
import type { Draft, Flat, Point } from "./marks";

/** Where a line runs, in steps of at most 25 units unless it has no end, with the pressure there (0 to 1). */
export type Spine = readonly StrokePoint[];

/** A pen's line is thicker where it is pressed; a marker's never changes. */
const SHAPE = {
  pen: { thinning: 0.55, smoothing: 0.5, streamline: 0.3, simulatePressure: false },
  marker: { thinning: 0, smoothing: 0.6, streamline: 0.4, simulatePressure: false },
} as const;

/** Units between two points of a drawn line: about a point and a half on A4. */
const STEP = 25;
/** Fifty times across the page at that step; whoever goes on must not stop the tablets of all who see it. */
const MOST_STEPS = 20_000;
/** How fast a guessed pressure follows the speed, as perfect-freehand has it. */
const FOLLOWS = 0.275;
/** The first points tell with what pressure a line begins. */
const BEGINS = 10;

/** A finger or mouse reports one pressure for ever: then it is guessed from the speed. */
function pressed(points: readonly Point[]): boolean {
  const first = points[0]?.[2];
  return points.some((point) => point[2] !== first);
}

/** How far a line goes, in units. */
function lengthOf(points: readonly Point[]): number {
  return points.reduce(
    (sum, [x, y], at) => sum + Math.hypot(x - (points[at - 1]?.[0] ?? x), y - (points[at - 1]?.[1] ?? y)),
    0,
  );
}

/** Whoever is fast presses less: the pressure at each point from the way since the one before. */
function guessed(spine: Spine, width: number): StrokePoint[] {
  const next = (pressure: number, { distance }: StrokePoint): number => {
    const speed = Math.min(1, distance / width);
    return pressure + (1 - speed - pressure) * speed * FOLLOWS;
  };
  let pressure = spine[0]?.pressure ?? 0;
  for (const point of spine.slice(0, BEGINS)) pressure = (pressure + next(pressure, point)) / 2;
  return spine.map((point) => ({ ...point, pressure: (pressure = next(pressure, point)) }));
}

/** What a line runs along. Of one that grows the beginning stays as it is, but for its last points and very first ones. */
export function spineOf(draft: Draft, done: boolean): Spine {
  const step = Math.max(STEP, lengthOf(draft.points) / MOST_STEPS);
  const points = dense(draft.points, step).map(([x, y, p]): [number, number, number] => [x, y, p / 1000]);
  const spine = getStrokePoints(points, { ...SHAPE[draft.tool], size: draft.width, last: done });
  return draft.tool === "pen" && !pressed(draft.points) ? guessed(spine, draft.width) : spine;
}

/** The outline, in page units, of a line along a spine or a piece of it, with round ends. */
export function outlineOf(spine: Spine, { tool, width }: Pick<Draft, "tool" | "width">): Flat[] {
  return getStrokeOutlinePoints([...spine], { ...SHAPE[tool], size: width }).map(([x, y]): Flat => [x, y]);
}
