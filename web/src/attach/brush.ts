import type { Draft, Drawn } from "../core/ink";
import { outlineOf, spineOf } from "../core/inkline";
import { type Flat, type ShapeDraft, barbs, isStroke } from "../core/marks";

const paths = new WeakMap<Draft, Path2D>();

/** What is filled inside an outline, in page units; its corners are rounded off. */
export function filled(edge: readonly Flat[]): Path2D {
  const path = new Path2D();
  const [first] = edge;
  if (!first) return path;
  path.moveTo(...first);
  edge.forEach(([x, y], at) => {
    const [nx, ny] = edge[(at + 1) % edge.length] ?? first;
    path.quadraticCurveTo(x, y, (x + nx) / 2, (y + ny) / 2);
  });
  path.closePath();
  return path;
}

/** Draw the outline of a shape; lines end round, corners stay sharp. */
export function drawShape(canvas: CanvasRenderingContext2D, shape: ShapeDraft): void {
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
  const known = paths.get(stroke) ?? filled(outlineOf(spineOf(stroke, true), stroke));
  paths.set(stroke, known);
  canvas.fillStyle = stroke.colour;
  canvas.fill(known);
}

/** Device pixels per CSS pixel for a canvas of this size: sharp, but never more than four million pixels. */
export function canvasRatio(width: number, height: number): number {
  const wanted = Math.min(globalThis.devicePixelRatio || 1, 3);
  return Math.min(wanted, Math.sqrt(4_000_000 / Math.max(1, width * height)));
}
