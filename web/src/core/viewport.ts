/**
 * The part of a page that a screen shows, and how it follows the presenter.
 *
 * One unit is 1/10000 of the page's **width**, both across and down, so that circles stay circles. What travels in the
 * meeting is `Shared`: integers, `x` and `width` in 1/10000 of the width, `y` in 1/10000 of the **height**.
 */

export const UNITS = 10_000;

/** The page's own size; only the ratio matters (points, as in its text layer). */
export interface Paper {
  readonly width: number;
  readonly height: number;
}

/** The place on the screen that shows the page, in CSS pixels. */
export interface Box {
  readonly width: number;
  readonly height: number;
}

/** Left upper corner and width of what is shown, in units; the height follows from the box. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A view as the meeting knows it: integers from 0 to 10000, `y` of the page's height. */
export interface Shared {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Paper margins cut away on screen, in units, so that 14-pt text reads at 16 px or more. */
export interface Crop {
  readonly left: number;
  readonly right: number;
}

/** Filing margin 30 mm, outer margin 15 mm of A4 (Decree 30/2020): 8 % and 3 % go without touching a word. */
const LANDSCAPE: Crop = { left: 800, right: 300 };
const PORTRAIT: Crop = { left: 250, right: 100 };
/** Slides and broad tables have no filing margin: their words begin where they like. */
const WHOLE: Crop = { left: 0, right: 0 };
const UPRIGHT = 1.25;

/** The narrowest part one may zoom into: an eighth of the page's width. */
const NARROWEST = UNITS / 8;

export function cropFor(box: Box, paper: Paper): Crop {
  if (paper.height < paper.width * UPRIGHT) return WHOLE;
  return box.height > box.width * 1.1 ? PORTRAIT : LANDSCAPE;
}

/** The page's height in units. */
export function heightOf(paper: Paper): number {
  return (UNITS * paper.height) / paper.width;
}

/** CSS pixels per unit. */
export function scaleOf(view: View, box: Box): number {
  return box.width / view.width;
}

export function toPage(spot: Spot, view: View, box: Box): Spot {
  const scale = scaleOf(view, box);
  return { x: view.x + spot.x / scale, y: view.y + spot.y / scale };
}

/** The text width of the page fills the box; `y` is where the top of the box stands. */
export function fitWidth(box: Box, paper: Paper, y = 0): View {
  const crop = cropFor(box, paper);
  return kept({ x: crop.left, y, width: UNITS - crop.left - crop.right }, box, paper);
}

function between(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** Along one side: inside the page when it is larger than the box, in the middle when it is smaller. */
function along(at: number, shown: number, whole: number): number {
  return shown >= whole ? (whole - shown) / 2 : between(at, 0, whole - shown);
}

/** The nearest view that shows only the page: never further out than the whole page, never past an edge. */
export function kept(view: View, box: Box, paper: Paper): View {
  const widest = Math.max(UNITS, (heightOf(paper) * box.width) / Math.max(1, box.height));
  const width = between(view.width, NARROWEST, widest);
  const shownHeight = (width * box.height) / Math.max(1, box.width);
  return { x: along(view.x, width, UNITS), y: along(view.y, shownHeight, heightOf(paper)), width };
}

/** Larger (`factor` > 1) or smaller, the spot under the finger staying where it is. */
export function zoomAt(view: View, at: Spot, factor: number, box: Box, paper: Paper): View {
  const held = toPage(at, view, box);
  const width = kept({ ...view, width: view.width / factor }, box, paper).width;
  const scale = box.width / width;
  return kept({ x: held.x - at.x / scale, y: held.y - at.y / scale, width }, box, paper);
}

/** The page moved with the finger by so many CSS pixels. */
export function panned(view: View, dx: number, dy: number, box: Box, paper: Paper): View {
  const scale = scaleOf(view, box);
  return kept({ ...view, x: view.x - dx / scale, y: view.y - dy / scale }, box, paper);
}

/** Whether moving further down (or up, `dy` negative) would show nothing new: then the page turns. */
export function atEdge(view: View, dy: number, box: Box, paper: Paper): boolean {
  const moved = kept({ ...view, y: view.y + dy }, box, paper);
  return Math.abs(moved.y - kept(view, box, paper).y) < 1;
}

/** A double tap: twice as large at the spot, or back to the text width when already enlarged. */
export function doubleTapped(view: View, at: Spot, box: Box, paper: Paper): View {
  const fit = fitWidth(box, paper);
  if (view.width < fit.width * 0.9) return fitWidth(box, paper, toPage(at, view, box).y - at.y / scaleOf(fit, box));
  return zoomAt(view, at, fit.width > UNITS ? 1 : 2, box, paper);
}

/** What the meeting is told: whole numbers inside the page. */
export function toShared(view: View, paper: Paper): Shared {
  const share = (part: number): number => between(Math.round(part), 0, UNITS);
  return { x: share(view.x), y: share((view.y * UNITS) / heightOf(paper)), width: share(view.width) };
}

/**
 * What a follower's screen shows of the presenter's view. As long as the presenter shows the text's full width, every
 * screen fits the width in its own way and follows only up and down; zoomed in, it shows the same part.
 */
export function followed(presented: Shared, box: Box, paper: Paper): View {
  const y = (presented.y * heightOf(paper)) / UNITS;
  if (presented.width >= UNITS - LANDSCAPE.left - LANDSCAPE.right) return fitWidth(box, paper, y);
  return kept({ x: presented.x, y, width: presented.width }, box, paper);
}

/**
 * My own zoom while following (which does not leave): when the presenter's view goes from `before` to `after`, mine
 * goes along by the same way and the same factor, so that I still see enlarged what everybody sees.
 */
export function carried(mine: View, before: View, after: View): View {
  const factor = after.width / before.width;
  return {
    x: after.x + (mine.x - before.x) * factor,
    y: after.y + (mine.y - before.y) * factor,
    width: mine.width * factor,
  };
}

/** Two views that no eye could tell apart. */
export function same(a: View, b: View): boolean {
  return Math.abs(a.x - b.x) < 1 && Math.abs(a.y - b.y) < 1 && Math.abs(a.width - b.width) < 1;
}
