/** What may be drawn with. Red is the seal and is not among the colours; violet is private and only there. */
import type { Layer } from "./ink";

export interface PenChoice {
  readonly tool: "pen" | "marker" | "eraser";
  /** `#rrggbb` */
  readonly colour: string;
  /** In 1/10000 of the page's width. */
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

/** The first colour and the middle width for a tool on a layer. */
export function firstChoice(tool: PenChoice["tool"], layer: Layer): PenChoice {
  const marker = tool === "marker";
  return {
    tool,
    colour: (marker ? MARKER_COLOURS : PEN_COLOURS[layer])[0] ?? "#1b3fa8",
    width: (marker ? MARKER_WIDTHS : PEN_WIDTHS)[1] ?? 26,
  };
}
