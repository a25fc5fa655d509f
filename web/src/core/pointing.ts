/** Where the presenter points. Pure. What travels is a `Point`: whole numbers, in 1/10000 of the page's width and height. */
import { UNITS } from "./viewport";

export type PointKind = "pointer" | "spotlight";

export interface Point {
  readonly kind: PointKind;
  readonly page: number;
  readonly x: number;
  readonly y: number;
}

const KINDS: readonly unknown[] = ["pointer", "spotlight"];
/** How far a key moves the point: far, and with Shift by little. */
const STEP = 250;
const LITTLE = 50;
const WAYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A point on the page, kept inside it. */
export function pointAt(kind: PointKind, page: number, x: number, y: number): Point {
  const share = (part: number): number => Math.min(UNITS, Math.max(0, Math.round(part)));
  return { kind, page, x: share(x), y: share(y) };
}

/** A point as it came from another device; null when it is none, or is taken away. */
export function pointFrom(data: unknown): Point | null {
  const { kind, page, x, y } = (data ?? {}) as Readonly<Record<string, unknown>>;
  if (!KINDS.includes(kind) || !isWhole(page) || !isWhole(x) || !isWhole(y) || page < 1) return null;
  return pointAt(kind as PointKind, page, x, y);
}

/** Where a key moves the point; null when the key is for something else. The first one begins in the middle. */
export function keyed(from: Point | null, kind: PointKind, page: number, key: string, little: boolean): Point | null {
  const way = WAYS[key];
  if (!way) return null;
  if (from?.page !== page) return pointAt(kind, page, UNITS / 2, UNITS / 2);
  const step = little ? LITTLE : STEP;
  return pointAt(kind, page, from.x + way[0] * step, from.y + way[1] * step);
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value);
}
