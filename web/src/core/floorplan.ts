/** A room's plan while it is drawn: seats and tables added, moved, named, taken away. Pure. */
import { SEAT } from "./seating";
import type { FloorPlan, Furniture, Seat } from "../wire/types";

export const LARGEST = 480;
/** Things stand on half seats: fine enough for a hand, coarse enough to stand in rows. */
export const STEP = SEAT / 2;
/** Free floor around what is drawn, to put something on. */
const MARGIN = SEAT * 2;

/** What is chosen on the plan: a seat by its name, or a table by its number. */
export type Chosen = { readonly seat: string } | { readonly table: number } | null;

export const EMPTY: FloorPlan = { width: SEAT * 10, height: SEAT * 8, seats: [], tables: [] };

const snap = (value: number): number => Math.min(LARGEST - SEAT, Math.max(0, Math.round(value / STEP) * STEP));

/** The plan with room to the right and below for what is added; the server cuts it to size again. */
export function roomy(plan: FloorPlan): FloorPlan {
  const right = Math.max(0, ...plan.seats.map((s) => s.x + SEAT), ...plan.tables.map((t) => t.x + t.width));
  const bottom = Math.max(0, ...plan.seats.map((s) => s.y + SEAT), ...plan.tables.map((t) => t.y + t.height));
  const width = Math.max(EMPTY.width, right + MARGIN);
  const height = Math.max(EMPTY.height, bottom + MARGIN);
  return { ...plan, width: Math.min(LARGEST, width), height: Math.min(LARGEST, height) };
}

/** Everything a little to the right and down, so that something can be put before the first row. */
export function withMargin(plan: FloorPlan): FloorPlan {
  const moved = <T extends { x: number; y: number }>(one: T): T => ({ ...one, x: one.x + MARGIN, y: one.y + MARGIN });
  return roomy({ ...plan, seats: plan.seats.map(moved), tables: plan.tables.map(moved) });
}

/** The first number that no seat bears. */
function freeLabel(plan: FloorPlan): string {
  const taken = new Set(plan.seats.map((seat) => seat.label));
  let number = plan.seats.length + 1;
  while (taken.has(String(number))) number += 1;
  return String(number);
}

/** A seat more, last in honour, with its middle as near to this point as the grid allows. */
export function withSeat(plan: FloorPlan, x: number, y: number): FloorPlan {
  const seat: Seat = { label: freeLabel(plan), x: snap(x - SEAT / 2), y: snap(y - SEAT / 2) };
  return roomy({ ...plan, seats: [...plan.seats, seat] });
}

export function withTable(plan: FloorPlan, x: number, y: number): FloorPlan {
  const table: Furniture = { x: snap(x - SEAT), y: snap(y - SEAT / 2), width: SEAT * 2, height: SEAT, round: false };
  return roomy({ ...plan, tables: [...plan.tables, table] });
}

/** What is chosen, elsewhere. */
export function movedTo(plan: FloorPlan, chosen: Chosen, x: number, y: number): FloorPlan {
  return changed(plan, chosen, { x: snap(x), y: snap(y) }, { x: snap(x), y: snap(y) });
}

/** What is chosen, one step in a direction. */
export function nudged(plan: FloorPlan, chosen: Chosen, dx: number, dy: number): FloorPlan {
  const one = chosenOf(plan, chosen);
  return one ? movedTo(plan, chosen, one.x + dx * STEP, one.y + dy * STEP) : plan;
}

export function chosenOf(plan: FloorPlan, chosen: Chosen): Seat | Furniture | null {
  if (chosen === null) return null;
  if ("seat" in chosen) return plan.seats.find((seat) => seat.label === chosen.seat) ?? null;
  return plan.tables[chosen.table] ?? null;
}

/** What is chosen with something about it changed. */
export function changed(
  plan: FloorPlan,
  chosen: Chosen,
  seat: Partial<Seat>,
  table: Partial<Furniture> = {},
): FloorPlan {
  if (chosen === null) return plan;
  if ("seat" in chosen)
    return roomy({ ...plan, seats: plan.seats.map((one) => (one.label === chosen.seat ? { ...one, ...seat } : one)) });
  return roomy({ ...plan, tables: plan.tables.map((one, at) => (at === chosen.table ? { ...one, ...table } : one)) });
}

/** The plan without what is chosen. */
export function removed(plan: FloorPlan, chosen: Chosen): FloorPlan {
  if (chosen === null) return plan;
  if ("seat" in chosen) return { ...plan, seats: plan.seats.filter((one) => one.label !== chosen.seat) };
  return { ...plan, tables: plan.tables.filter((_, at) => at !== chosen.table) };
}

/** A seat at another place in honour, from 1; those between move up or down. */
export function honoured(plan: FloorPlan, label: string, place: number): FloorPlan {
  const seat = plan.seats.find((one) => one.label === label);
  if (!seat) return plan;
  const others = plan.seats.filter((one) => one !== seat);
  const at = Math.min(others.length, Math.max(0, Math.round(place) - 1));
  return { ...plan, seats: [...others.slice(0, at), seat, ...others.slice(at)] };
}

/** Every seat named by its place in honour. */
export function numbered(plan: FloorPlan): FloorPlan {
  return { ...plan, seats: plan.seats.map((seat, at) => ({ ...seat, label: String(at + 1) })) };
}
