/** What administrators see: who looks after accounts, the tree as rows, usernames, the record in words. Pure. */
import { fold } from "./desk";
import type { Unit } from "./prepare";
import type { Keeper } from "./registry";

/** A person with their account, as an administrator sees them. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly short: string;
  readonly precedence: number;
  /** Empty without an account. */
  readonly username: string;
  readonly offices: readonly string[];
  readonly disabled: boolean;
  readonly must_change: boolean;
  readonly second_factor: boolean;
  readonly pin_set_at: number;
  readonly devices: number;
  readonly seen: number;
}

/** One line of the record. */
export interface RecordLine {
  readonly at: number;
  readonly what: string;
  readonly person: string;
  readonly person_name: string;
  readonly by: string;
  readonly by_name: string;
  readonly address: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The precedence that the title gives. */
export const BY_TITLE = 900;
export const OFFICES = ["system", "unit", "secretary", "chair", "clerk", "technician"] as const;
export type Office = (typeof OFFICES)[number];
export const UNIT_KINDS = [
  "province",
  "party",
  "council",
  "committee",
  "front",
  "office",
  "department",
  "division",
  "commune",
  "ward",
  "agency",
] as const;

/** Whether somebody administers accounts at all. */
export function administers(me: Keeper | null | undefined): boolean {
  return !!me && me.only_meeting === "" && (me.offices.includes("system") || me.offices.includes("unit"));
}

/** The offices somebody may give: the system's administrator all, a unit's the secretary's. */
export function officesToGive(me: Keeper): readonly Office[] {
  return me.offices.includes("system") ? OFFICES : ["secretary"];
}

export interface UnitRow {
  readonly unit: Unit;
  readonly depth: number;
}

/** The tree as rows, parents before children; those found keep the way to them. `units` are in protocol order. */
export function unitRows(units: readonly Unit[], typed: string, withRetired: boolean): UnitRow[] {
  const depths = new Map<string, number>();
  for (const unit of units) depths.set(unit.id, (depths.get(unit.parent) ?? -1) + 1);
  const words = fold(typed).split(/\s+/).filter(Boolean);
  const kept = new Set<string>();
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  for (const unit of units) {
    const text = fold(`${unit.name} ${unit.short}`);
    if ((unit.retired && !withRetired) || !words.every((word) => text.includes(word))) continue;
    for (let up: Unit | undefined = unit; up && !kept.has(up.id); up = byId.get(up.parent)) kept.add(up.id);
  }
  return units.filter((unit) => kept.has(unit.id)).map((unit) => ({ unit, depth: depths.get(unit.id) ?? 0 }));
}

/** The units a unit may be put under: those in use that are not itself nor beneath it. */
export function parentsFor(units: readonly Unit[], moved: string): Unit[] {
  const beneath = new Set([moved]);
  for (const unit of units) if (beneath.has(unit.parent)) beneath.add(unit.id);
  return units.filter((unit) => !unit.retired && !beneath.has(unit.id));
}

/** The usual username: the given name, the first letters of the others, a dot, the unit in short ("hoatq.syt"). */
export function usernameFor(name: string, unit: Pick<Unit, "name" | "short"> | undefined): string {
  const plain = (text: string): string[] =>
    fold(text)
      .split(/[^a-z0-9]+/)
      .filter(Boolean);
  const names = plain(name);
  const given = names.at(-1);
  if (!given || !unit) return "";
  const first = (unit.short || unit.name).split(/\s+/).filter((word) => word !== "tỉnh");
  const short = first.map((word) => (/^[A-ZĐ]{2,}$/.test(word) ? word : word.slice(0, 1))).join(" ");
  return `${given}${names
    .slice(0, -1)
    .map((one) => one[0])
    .join("")}.${plain(short).join("")}`;
}

/** What was typed as a precedence: empty is the title's. */
export function precedenceOf(typed: string): number {
  const number = Number.parseInt(typed, 10);
  return Number.isFinite(number) && number >= 0 ? Math.min(number, 100_000) : BY_TITLE;
}

/** The fields of a change, each with what stood there and what stands there now. */
export function changesOf(line: RecordLine): { field: string; before: unknown; after: unknown }[] {
  return Object.entries(line.details).flatMap(([field, pair]) =>
    Array.isArray(pair) && pair.length === 2 ? [{ field, before: pair[0] as unknown, after: pair[1] as unknown }] : [],
  );
}
