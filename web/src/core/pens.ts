/** What may be drawn with. Red is the seal and is not among the colours; violet is private and only there. */
import type { Form, Layer, Tool } from "./marks";

export type { Layer } from "./marks";

/** What is in hand: a line, a shape, words on the page, a sticky comment, or the eraser. */
export type Held = Tool | Form | "note" | "comment" | "eraser";

export interface PenChoice {
  readonly tool: Held;
  /** `#rrggbb` */
  readonly colour: string;
  /** In 1/10000 of the page's width; of a note the height of its letters. */
  readonly width: number;
}

export const PEN_COLOURS: Readonly<Record<Layer, readonly string[]>> = {
  mine: ["#6e3596", "#1b3fa8", "#13201f"],
  desk: ["#1b3fa8", "#17713a", "#13201f"],
  all: ["#1b3fa8", "#17713a", "#13201f"],
};
export const MARKER_COLOURS: readonly string[] = ["#ffe45c", "#b5ecc0", "#bfe3ff"];

export const PEN_WIDTHS: readonly number[] = [16, 26, 44];
export const MARKER_WIDTHS: readonly number[] = [180, 270, 400];
export const NOTE_SIZES: readonly number[] = [160, 210, 300];

export const FORMS: readonly Form[] = ["line", "arrow", "rectangle", "ellipse"];

export const isForm = (tool: Held): tool is Form => (FORMS as readonly Held[]).includes(tool);
/** Words are typed where the hand comes down. */
export const isTyped = (tool: Held): tool is "note" | "comment" => tool === "note" || tool === "comment";

/** The colours of a tool on a layer; none for what has no colour of its own. */
export function coloursOf(tool: Held, layer: Layer): readonly string[] {
  if (tool === "eraser" || tool === "comment") return [];
  return tool === "marker" ? MARKER_COLOURS : PEN_COLOURS[layer];
}

export function widthsOf(tool: Held): readonly number[] {
  if (tool === "eraser" || tool === "comment") return [];
  if (tool === "note") return NOTE_SIZES;
  return tool === "marker" ? MARKER_WIDTHS : PEN_WIDTHS;
}

/** The first colour and the middle width for a tool on a layer. */
export function firstChoice(tool: Held, layer: Layer): PenChoice {
  return { tool, colour: coloursOf(tool, layer)[0] ?? "#1b3fa8", width: widthsOf(tool)[1] ?? 26 };
}

/** The same tool after its layer was changed: violet is private ink and does not follow to a shared layer. */
export function onLayer(pen: PenChoice, layer: Layer): PenChoice {
  const colours = coloursOf(pen.tool, layer);
  return colours.length === 0 || colours.includes(pen.colour) ? pen : firstChoice(pen.tool, layer);
}
