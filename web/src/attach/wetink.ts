import { type Bounds, type Draft, type Drawn, NOWHERE, joined, overlap } from "../core/ink";
import { type Spine, outlineOf, spineOf } from "../core/inkline";
import { isStroke } from "../core/marks";
import { drawShape, filled } from "./brush";

/** A growing line is kept in pieces of so many points of its spine; behind the last of them at least so many are wet. */
const PIECE = 48;
const WET = 16;
/** Edges are drawn softly into the pixels around them. */
const SOFT_PX = 2;

/** Part of a line, ready to be filled. */
interface Piece {
  readonly path: Path2D;
  readonly around: Bounds;
  /** Where it ends: as long as the line runs through here, the piece is what it was. */
  readonly end: Spine[number] | undefined;
}

/** Where on a canvas of so many pixels the page's unit and left upper corner lie. */
export interface Place {
  readonly width: number;
  readonly height: number;
  /** Pixels per unit. */
  readonly unit: number;
  readonly x: number;
  readonly y: number;
}

const EVERYWHERE: Bounds = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };

function pieceOf(spine: Spine, draft: Draft): Piece {
  const edge = outlineOf(spine, draft);
  const around = edge.reduce((all, [x, y]) => joined(all, { left: x, top: y, right: x, bottom: y }), NOWHERE);
  return { path: filled(edge), around, end: spine.at(-1) };
}

const isSame = (one: Spine[number] | undefined, other: Spine[number] | undefined): boolean =>
  one?.point[0] === other?.point[0] && one?.point[1] === other?.point[1] && one?.pressure === other?.pressure;

/** One line that grows: pieces that stay, and its wet end, which is another every time. */
class WetLine {
  #settled: Piece[] = [];
  #end: Piece | null = null;
  #draft: Draft | null = null;

  /** Take in how far the line goes now; returns where it looks different from before. */
  grow(draft: Draft): Bounds {
    const before = this.#end?.around ?? NOWHERE;
    const spine = spineOf(draft, false);
    const gone = this.#unsettle(draft, spine);
    const settled = this.#settle(draft, spine);
    this.#draft = draft;
    this.#end = pieceOf(spine.slice(this.#settled.length * PIECE), draft);
    return [...gone, ...settled, this.#end].reduce((all, { around }) => joined(all, around), before);
  }

  /** Pieces that the line runs through no longer: it is another, or was told more roughly. */
  #unsettle({ colour, tool, width }: Draft, spine: Spine): Piece[] {
    const last = this.#draft;
    const isOther = last?.colour !== colour || last.tool !== tool || last.width !== width;
    const gone: Piece[] = isOther ? this.#settled.splice(0) : [];
    while (this.#settled.length > 0) {
      if (isSame(this.#settled.at(-1)?.end, spine[this.#settled.length * PIECE])) break;
      gone.push(...this.#settled.splice(-1));
    }
    return gone;
  }

  #settle(draft: Draft, spine: Spine): Piece[] {
    const before = this.#settled.length;
    for (let from = before * PIECE; spine.length - from > PIECE + WET; from += PIECE) {
      // Neighbours share a point, around which both are round.
      this.#settled.push(pieceOf(spine.slice(from, from + PIECE + 1), draft));
    }
    return this.#settled.slice(before);
  }

  draw(canvas: CanvasRenderingContext2D, region: Bounds): void {
    canvas.fillStyle = this.#draft?.colour ?? "";
    for (const { path, around } of [...this.#settled, ...(this.#end ? [this.#end] : [])]) {
      if (overlap(around, region)) canvas.fill(path);
    }
  }
}

/** Draws lines and shapes that grow on a canvas of their own, each time only where something has changed. */
export class WetInk {
  #lines: WetLine[] = [];
  #place: Place | null = null;
  #hasShapes = false;

  draw(canvas: CanvasRenderingContext2D, drawn: readonly Drawn[], place: Place): void {
    const strokes = drawn.filter(isStroke);
    const region = this.#grow(strokes, drawn.length > strokes.length, place);
    canvas.save();
    const { unit, x, y } = place;
    clear(canvas, region, place);
    canvas.setTransform(unit, 0, 0, unit, -x * unit, -y * unit);
    for (const line of this.#lines) line.draw(canvas, region);
    for (const shape of drawn) if (!isStroke(shape)) drawShape(canvas, shape);
    canvas.restore();
  }

  /** Where the canvas is to be drawn anew. */
  #grow(strokes: readonly Draft[], hasShapes: boolean, place: Place): Bounds {
    const isElsewhere = Object.entries(place).some(([key, value]) => this.#place?.[key as keyof Place] !== value);
    const afresh = isElsewhere || hasShapes || this.#hasShapes || strokes.length < this.#lines.length;
    this.#place = place;
    this.#hasShapes = hasShapes;
    this.#lines = strokes.map((_, at) => this.#lines[at] ?? new WetLine());
    const changed = strokes.map((stroke, at) => (this.#lines[at] as WetLine).grow(stroke)).reduce(joined, NOWHERE);
    return afresh ? EVERYWHERE : changed;
  }
}

/** Empty a region, in whole pixels, and let nothing be drawn outside of it. */
function clear(canvas: CanvasRenderingContext2D, region: Bounds, { unit, x, y, width, height }: Place): void {
  const left = Math.max(0, Math.floor((region.left - x) * unit) - SOFT_PX);
  const top = Math.max(0, Math.floor((region.top - y) * unit) - SOFT_PX);
  const right = Math.min(width, Math.ceil((region.right - x) * unit) + SOFT_PX);
  const bottom = Math.min(height, Math.ceil((region.bottom - y) * unit) + SOFT_PX);
  canvas.setTransform(1, 0, 0, 1, 0, 0);
  canvas.beginPath();
  canvas.rect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
  canvas.clip();
  canvas.clearRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
}
