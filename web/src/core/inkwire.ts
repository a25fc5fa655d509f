/** Ink as it travels: one stream a layer of a paper's version, two commands, two events. */
import type { Draft, Layer, Point, Stroke } from "./ink";

/** A stroke without what the server knows itself: its layer is the stream, its author and time are the event's. */
type Sent = Omit<Stroke, "layer" | "by" | "at"> & { readonly kind: "stroke" };

export type InkCommand =
  { readonly type: "stroke.add"; readonly stroke: Sent } | { readonly type: "stroke.erase"; readonly id: string };

export interface InkEvent {
  readonly type: string;
  readonly at: number;
  readonly by: string;
  readonly data: unknown;
}

/** What came and what went. */
export interface Received {
  readonly strokes: readonly Stroke[];
  readonly erased: readonly string[];
}

/** The stream of a layer; private ink has its owner's name. */
export function inkStream(version: string, layer: Layer, me: string): string {
  return `ink:${version}:${layer === "mine" ? me : layer}`;
}

export function adding({ id, page, tool, colour, width, points }: Stroke): InkCommand {
  return { type: "stroke.add", stroke: { kind: "stroke", id, page, tool, colour, width, points } };
}

export function erasing(id: string): InkCommand {
  return { type: "stroke.erase", id };
}

const isPoint = (point: unknown): point is Point =>
  Array.isArray(point) && point.length === 3 && point.every((part) => Number.isFinite(part));

/** A line as somebody else's tablet tells it, or null: hints are not checked by the server. */
export function draftFrom(raw: unknown): Draft | null {
  const { page, tool, colour, width, points } = (raw ?? {}) as Record<string, unknown>;
  const painted = (tool === "pen" || tool === "marker") && typeof colour === "string" && /^#[0-9a-f]{6}$/.test(colour);
  const drawn = Array.isArray(points) && points.length > 0 && points.length <= 2000 && points.every(isPoint);
  if (!painted || !drawn || typeof page !== "number" || typeof width !== "number") return null;
  return { page, tool, colour, width: Math.min(1000, Math.max(1, width)), points };
}

/** The strokes of a layer's snapshot. */
export function fromSnapshot(raw: unknown, layer: Layer): Stroke[] {
  const { strokes } = raw as { strokes: (Sent & { by: string; at: number })[] };
  return strokes.map(({ id, page, tool, colour, width, points, by, at }) => ({
    id,
    page,
    tool,
    colour,
    width,
    points,
    layer,
    by,
    at,
  }));
}

/** What the events of a layer's stream bring. */
export function fromEvents(events: readonly InkEvent[], layer: Layer): Received {
  const added = events.filter(({ type }) => type === "stroke.added");
  const gone = events.filter(({ type }) => type === "stroke.erased");
  return {
    strokes: added.map(({ data, by, at }) => {
      const { id, page, tool, colour, width, points } = data as Sent;
      return { id, page, tool, colour, width, points, layer, by, at };
    }),
    erased: gone.map(({ data }) => (data as { id: string }).id),
  };
}
