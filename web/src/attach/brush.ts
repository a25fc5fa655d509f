import { getStroke } from "perfect-freehand";
import { type Draft, type Drawn, type Point, dense } from "../core/ink";
import { type ShapeDraft, barbs, isStroke } from "../core/marks";

/** A pen's line is thicker where it is pressed; a marker's never changes. */
const SHAPE = {
  pen: { thinning: 0.55, smoothing: 0.5, streamline: 0.3 },
  marker: { thinning: 0, smoothing: 0.6, streamline: 0.4 },
} as const;

/** Units between two points of a drawn line: about a point and a half on A4. */
const STEP = 25;

const paths = new WeakMap<Draft, Path2D>();

/** A finger or mouse reports one pressure for ever: then it is guessed from the speed. */
function pressed(points: readonly Point[]): boolean {
  const first = points[0]?.[2];
  return points.some((point) => point[2] !== first);
}

/** The filled outline of a line, in page units. */
function outline(draft: Draft, done: boolean): Path2D {
  const real = pressed(draft.points);
  const points = dense(draft.points, STEP).map(([x, y, p]): [number, number, number] => [x, y, p / 1000]);
  const edge = getStroke(points, {
    ...SHAPE[draft.tool],
    size: draft.width,
    simulatePressure: draft.tool === "pen" && !real,
    last: done,
  });
  const path = new Path2D();
  const [first] = edge;
  if (!first) return path;
  path.moveTo(first[0] ?? 0, first[1] ?? 0);
  edge.forEach(([x = 0, y = 0], at) => {
    const [nx = 0, ny = 0] = edge[(at + 1) % edge.length] ?? [];
    path.quadraticCurveTo(x, y, (x + nx) / 2, (y + ny) / 2);
  });
  path.closePath();
  return path;
}

/** Draw the outline of a shape; lines end round, corners stay sharp. */
function drawShape(canvas: CanvasRenderingContext2D, shape: ShapeDraft): void {
  const [[ax, ay], [bx, by]] = [shape.start, shape.end];
  canvas.strokeStyle = shape.colour;
  canvas.lineWidth = shape.width;
  canvas.lineCap = "round";
  canvas.lineJoin = "round";
  canvas.beginPath();
  if (shape.form === "rectangle") canvas.rect(ax, ay, bx - ax, by - ay);
  else if (shape.form === "ellipse") {
    canvas.ellipse((ax + bx) / 2, (ay + by) / 2, Math.abs(bx - ax) / 2, Math.abs(by - ay) / 2, 0, 0, 2 * Math.PI);
  } else {
    canvas.moveTo(ax, ay);
    canvas.lineTo(bx, by);
    for (const barb of shape.form === "arrow" ? barbs(shape) : []) {
      canvas.moveTo(bx, by);
      canvas.lineTo(...barb);
    }
  }
  canvas.stroke();
}

/** Draw what is finished; a stroke's outline is worked out once. The canvas is already scaled to page units. */
export function drawDry(canvas: CanvasRenderingContext2D, stroke: Drawn): void {
  if (!isStroke(stroke)) return drawShape(canvas, stroke);
  const known = paths.get(stroke) ?? outline(stroke, true);
  paths.set(stroke, known);
  canvas.fillStyle = stroke.colour;
  canvas.fill(known);
}

/** Draw a line or shape that is still growing. */
export function drawWet(canvas: CanvasRenderingContext2D, draft: Drawn): void {
  if (!isStroke(draft)) return drawShape(canvas, draft);
  canvas.fillStyle = draft.colour;
  canvas.fill(outline(draft, false));
}

/** Device pixels per CSS pixel for a canvas of this size: sharp, but never more than four million pixels. */
export function canvasRatio(width: number, height: number): number {
  const wanted = Math.min(globalThis.devicePixelRatio || 1, 3);
  return Math.min(wanted, Math.sqrt(4_000_000 / Math.max(1, width * height)));
}
