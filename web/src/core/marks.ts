/**
 * Marks: what a hand draws, writes or sticks on a page. They never change; lengths are integers in 1/10000 of the page's
 * width, across and down; pressure is 0 to 1000.
 */

import { UNITS } from "./viewport";

/** How far down the longest paper goes, in units. */
export const LONGEST_PAPER = 60_000;

export type Tool = "pen" | "marker";
export type Form = "line" | "arrow" | "rectangle" | "ellipse";

/** Who sees a mark: its author alone, the desk (chair and secretary), or everyone in the meeting. */
export type Layer = "mine" | "desk" | "all";

export type Point = readonly [x: number, y: number, pressure: number];
export type Flat = readonly [x: number, y: number];

/** A line of pen or marker, before it is signed with an id, an author and a time. */
export interface Draft {
  /** Strokes kept by earlier versions of the application have none. */
  readonly kind?: "stroke";
  readonly page: number;
  readonly tool: Tool;
  /** `#rrggbb`. */
  readonly colour: string;
  /** Of the line, in units. */
  readonly width: number;
  readonly points: readonly Point[];
}

/** A straight line or arrow (its head at the end), or what fills the box between two corners. */
export interface ShapeDraft {
  readonly kind: "shape";
  readonly page: number;
  readonly form: Form;
  readonly colour: string;
  readonly width: number;
  readonly start: Flat;
  readonly end: Flat;
}

/** Words on the page itself, broken into lines within a width; `spot` is the upper left corner. */
export interface NoteDraft {
  readonly kind: "note";
  readonly page: number;
  readonly colour: string;
  /** Height of the letters, in units. */
  readonly size: number;
  readonly width: number;
  readonly spot: Flat;
  readonly text: string;
}

/** A sticky comment: a sign on the page, and the words behind it. */
export interface CommentDraft {
  readonly kind: "comment";
  readonly page: number;
  readonly spot: Flat;
  readonly text: string;
}

/** A page one wants to find again, with a short name or none; only its author's, and nothing to be seen on the page. */
export interface BookmarkDraft {
  readonly kind: "bookmark";
  readonly page: number;
  readonly text: string;
}

/** What is drawn in one go, and seen by others while it grows. */
export type Drawn = Draft | ShapeDraft;
/** What is typed. */
export type Written = NoteDraft | CommentDraft;
export type MarkDraft = Drawn | Written | BookmarkDraft;

/** Words about to be written on a layer, or those that stand there. */
export type Words = (Written & { readonly layer: Layer }) | Note | Comment;

/** Where a mark stood before its paper was replaced, and whether its words are there still. */
export interface Origin {
  readonly version: string;
  readonly page: number;
  readonly how: "same" | "moved" | "vanished";
}

interface Signature {
  readonly id: string;
  readonly layer: Layer;
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly origin?: Origin;
}
export type Stroke = Draft & Signature;
export type Shape = ShapeDraft & Signature;
export type Note = NoteDraft & Signature;
export type Comment = CommentDraft & Signature;
export type Bookmark = BookmarkDraft & Signature;
export type Mark = Stroke | Shape | Note | Comment | Bookmark;

export const isBookmark = (mark: Mark): mark is Bookmark => mark.kind === "bookmark";
export const isStroke = (mark: MarkDraft): mark is Draft => mark.kind === undefined || mark.kind === "stroke";
export const isDrawn = <M extends MarkDraft>(mark: M): mark is M & Drawn => isStroke(mark) || mark.kind === "shape";

/** From line to line of a note, in heights of its letters. */
export const LEADING = 1.25;
/** The mean width of a letter, in heights of letters. */
const LETTER = 0.5;
/** Half the width and height of a comment's sign. */
export const SIGN = 180;
/** Corners of the polygon that stands for an ellipse where it is rubbed out. */
const CORNERS = 32;
/** A shape shorter than this both ways was a slip of the hand. */
export const SHORTEST = 60;

/** About how high a note is: the browser breaks its lines, and knows better. */
export function heightOfNote({ text, width, size }: NoteDraft): number {
  const letters = Math.max(1, Math.floor(width / (size * LETTER)));
  const lines = text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / letters)), 0);
  return lines * size * LEADING;
}

function box([left, top]: Flat, [right, bottom]: Flat): Flat[] {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ];
}

function ellipse([ax, ay]: Flat, [bx, by]: Flat): Flat[] {
  const [cx, cy, rx, ry] = [(ax + bx) / 2, (ay + by) / 2, (bx - ax) / 2, (by - ay) / 2];
  return Array.from({ length: CORNERS + 1 }, (_, at) => {
    const turn = (2 * Math.PI * at) / CORNERS;
    return [cx + rx * Math.cos(turn), cy + ry * Math.sin(turn)];
  });
}

/** The line along which a mark is touched: its own, its outline, or the edge of its words. */
export function wayOf(mark: MarkDraft): readonly Flat[] {
  if (mark.kind === "shape") {
    if (mark.form === "rectangle") return box(mark.start, mark.end);
    return mark.form === "ellipse" ? ellipse(mark.start, mark.end) : [mark.start, mark.end];
  }
  if (mark.kind === "note") {
    const [x, y] = mark.spot;
    return box(mark.spot, [x + mark.width, y + heightOfNote(mark)]);
  }
  if (mark.kind === "comment") {
    const [x, y] = mark.spot;
    return box([x - SIGN, y - SIGN], [x + SIGN, y + SIGN]);
  }
  if (mark.kind === "bookmark") return [];
  return mark.points.map(([x, y]): Flat => [x, y]);
}

/** How long the barbs of an arrow of this width are at most. */
export const longestBarb = (width: number): number => 6 * width + 80;

/** The two ends of an arrow's barbs. */
export function barbs({ start, end, width }: ShapeDraft): readonly [Flat, Flat] {
  const turn = Math.atan2(end[1] - start[1], end[0] - start[0]);
  const long = Math.min(longestBarb(width), Math.hypot(end[0] - start[0], end[1] - start[1]) / 2);
  const barb = (by: number): Flat => [end[0] - long * Math.cos(turn + by), end[1] - long * Math.sin(turn + by)];
  return [barb(Math.PI / 7), barb(-Math.PI / 7)];
}

/** How wide a note is written, and how narrow at the edge of the page. */
const NOTE_WIDTH = 3600;
const NARROWEST = 1500;

/** What is about to be written where the hand came down; a note begins as far left as its words need. */
export function placed(
  held: { tool: "note" | "comment"; colour: string; width: number },
  page: number,
  at: Flat,
): Written {
  const [x, y] = [within(at[0], UNITS), within(at[1], LONGEST_PAPER)];
  if (held.tool === "comment") return { kind: "comment", page, spot: [x, y], text: "" };
  const left = Math.min(x, UNITS - NARROWEST);
  const width = Math.min(NOTE_WIDTH, UNITS - left);
  return { kind: "note", page, colour: held.colour, size: held.width, width, spot: [left, y], text: "" };
}

/** The same sign or note with other words, to be signed anew. */
export function rewritten(words: Words, text: string): Written {
  const { kind, page, spot } = words;
  if (kind === "comment") return { kind, page, spot, text };
  return { kind, page, spot, text, colour: words.colour, size: words.size, width: words.width };
}

/** What somebody took in hand to make it. */
export function whatItIs(mark: MarkDraft): Tool | Form | "note" | "comment" | "bookmark" {
  if (isStroke(mark)) return mark.tool;
  return mark.kind === "shape" ? mark.form : mark.kind;
}

/** How many characters the name of a bookmark may have. */
export const LONGEST_BOOKMARK = 80;

/** How many characters its words may have. */
export const longest = (mark: Written): number => (mark.kind === "note" ? 500 : 2000);

const within = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value)));

/** A shape as it is stored, whole numbers on the page; null for a slip of the hand. */
export function storedShape(shape: ShapeDraft, bottom: number): ShapeDraft | null {
  const [start, end] = [shape.start, shape.end].map(([x, y]): Flat => [within(x, UNITS), within(y, bottom)]) as [
    Flat,
    Flat,
  ];
  const reach = Math.max(Math.abs(end[0] - start[0]), Math.abs(end[1] - start[1]));
  return reach < SHORTEST ? null : { ...shape, start, end };
}

/** A fingertip hits a sign this far from its middle, in CSS pixels. */
const REACH_PX = 24;

/** Which of these marks with words lies under a tap, the newest first; `scale` is CSS pixels per unit. */
export function wordsAt(marks: readonly Mark[], [x, y]: Flat, scale: number): Note | Comment | null {
  return (
    marks.findLast((mark): mark is Note | Comment => {
      if (mark.kind === "comment") {
        return Math.hypot(mark.spot[0] - x, mark.spot[1] - y) <= Math.max(REACH_PX / scale, SIGN);
      }
      if (mark.kind !== "note") return false;
      const [left, top] = mark.spot;
      return left <= x && x <= left + mark.width && top <= y && y <= top + heightOfNote(mark);
    }) ?? null
  );
}
