/** Ink as it travels: one stream a layer of a paper's version, three commands, four events. */
import {
  type Bookmark,
  type Comment,
  type Draft,
  type Drawn,
  type Flat,
  type Form,
  LONGEST_PAPER,
  type Layer,
  type Mark,
  type Note,
  type Origin,
  type Point,
  type Shape,
  type ShapeDraft,
  type Stroke,
  isStroke,
} from "./marks";
import { UNITS } from "./viewport";

/** A mark without what the server knows itself: its layer is the stream, its author and time are the event's. */
type Unsigned<M> = Omit<M, "layer" | "by" | "at" | "origin">;
type Sent = Unsigned<Stroke> & { readonly kind: "stroke" };
type SentMark = Unsigned<Shape> | Unsigned<Note> | Unsigned<Comment> | Unsigned<Bookmark>;
/** As a snapshot has it. */
type Kept = (Sent | SentMark) & { readonly by: string; readonly at: number; readonly origin?: Origin };

export type InkCommand =
  | { readonly type: "stroke.add"; readonly stroke: Sent }
  | { readonly type: "mark.add"; readonly mark: SentMark }
  | { readonly type: "stroke.erase"; readonly id: string };

export interface InkEvent {
  readonly type: string;
  readonly at: number;
  readonly by: string;
  readonly data: unknown;
}

/** What came and what went. */
export interface Received {
  readonly marks: readonly Mark[];
  readonly erased: readonly string[];
}

/** The stream of a layer; private ink has its owner's name. */
export function inkStream(version: string, layer: Layer, me: string): string {
  return `ink:${version}:${layer === "mine" ? me : layer}`;
}

/** What the server knows itself. */
const SIGNED: ReadonlySet<string> = new Set(["layer", "by", "at", "origin"]);

export function adding(mark: Mark): InkCommand {
  const sent: unknown = Object.fromEntries(Object.entries(mark).filter(([field]) => !SIGNED.has(field)));
  if (isStroke(mark)) return { type: "stroke.add", stroke: { ...(sent as Sent), kind: "stroke" } };
  return { type: "mark.add", mark: sent as SentMark };
}

export function erasing(id: string): InkCommand {
  return { type: "stroke.erase", id };
}

/** The mark that a command from the outbox adds; null when it erases. */
export function added(command: InkCommand, signed: Pick<Mark, "layer" | "by" | "at">): Mark | null {
  if (command.type === "stroke.erase") return null;
  return { ...(command.type === "stroke.add" ? command.stroke : command.mark), ...signed } as Mark;
}

/** A point lies on the longest paper there is, with a pressure. */
const FARTHEST = [UNITS, LONGEST_PAPER, 1000] as const;
const isWithin = (part: unknown, most: number): boolean => typeof part === "number" && part >= 0 && part <= most;
const isPoint = (point: unknown): point is Point =>
  Array.isArray(point) && point.length === 3 && FARTHEST.every((most, at) => isWithin(point[at], most));
const isSpot = (spot: unknown): spot is Flat =>
  Array.isArray(spot) && spot.length === 2 && spot.every((part) => Number.isFinite(part));
const FORMS: ReadonlySet<unknown> = new Set<Form>(["line", "arrow", "rectangle", "ellipse"]);

/** What somebody else's tablet tells of a line or shape while it grows, or null: hints are not checked by the server. */
export function draftFrom(raw: unknown): Drawn | null {
  const told = (raw ?? {}) as Record<string, unknown>;
  const painted = typeof told.colour === "string" && /^#[0-9a-f]{6}$/.test(told.colour);
  if (!painted || typeof told.page !== "number" || typeof told.width !== "number") return null;
  const width = Math.min(1000, Math.max(1, told.width));
  return told.kind === "shape" ? shapeFrom(told, width) : strokeFrom(told, width);
}

function shapeFrom({ page, colour, form, start, end }: Record<string, unknown>, width: number): ShapeDraft | null {
  if (!FORMS.has(form) || !isSpot(start) || !isSpot(end)) return null;
  return { kind: "shape", page: page as number, form: form as Form, colour: colour as string, width, start, end };
}

function strokeFrom({ page, colour, tool, points }: Record<string, unknown>, width: number): Draft | null {
  const drawn = Array.isArray(points) && points.length > 0 && points.length <= 2000 && points.every(isPoint);
  if (!drawn || (tool !== "pen" && tool !== "marker")) return null;
  return { page: page as number, tool, colour: colour as string, width, points };
}

/** The marks of a layer's snapshot. */
export function fromSnapshot(raw: unknown, layer: Layer): Mark[] {
  const { strokes, marks = [] } = raw as { strokes: Kept[]; marks?: Kept[] };
  return [...strokes, ...marks].map((kept) => ({ ...kept, layer }) as Mark);
}

/** What the events of a layer's stream bring. A mark that was carried over keeps its author and time. */
export function fromEvents(events: readonly InkEvent[], layer: Layer): Received {
  const came = (type: string): boolean => type === "stroke.added" || type === "mark.added" || type === "mark.carried";
  return {
    marks: events
      .filter(({ type }) => came(type))
      .map(({ data, by, at }) => {
        const { drawn_by, drawn_at, ...mark } = data as Kept & { drawn_by?: string; drawn_at?: number };
        return { ...mark, layer, by: drawn_by ?? by, at: drawn_at ?? at } as Mark;
      }),
    erased: events.filter(({ type }) => type === "stroke.erased").map(({ data }) => (data as { id: string }).id),
  };
}
