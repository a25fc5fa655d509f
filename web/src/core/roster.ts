/** A list of people from a file, as the server would keep it: what stands in the preview and in which order. Pure. */
import { csv } from "./csv";

export type RosterWhat = "wrong" | "create" | "change" | "same";

export interface RosterRow {
  readonly number: number;
  readonly what: RosterWhat;
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly username: string;
  readonly opens: boolean;
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
  readonly wrong: readonly { readonly code: string; readonly details: Readonly<Record<string, unknown>> }[];
}
export interface RosterPreview {
  readonly rows: readonly RosterRow[];
  /** Heads of columns nobody reads. */
  readonly unread: readonly string[];
  readonly digest: string;
}
/** A password to hand over, good for one sign-in. */
export interface Handed {
  readonly name: string;
  readonly unit: string;
  readonly username: string;
  readonly password: string;
}
export interface Imported {
  readonly created: number;
  readonly changed: number;
  readonly passwords: readonly Handed[];
}

/** What must be mended comes first, what stays as it is last. */
export const ROSTER_ORDER: readonly RosterWhat[] = ["wrong", "create", "change", "same"];

/** The rows by what would become of them; kinds without a row are left out. */
export function rosterParts(preview: RosterPreview): { what: RosterWhat; rows: readonly RosterRow[] }[] {
  return ROSTER_ORDER.map((what) => ({ what, rows: preview.rows.filter((row) => row.what === what) })).filter(
    ({ rows }) => rows.length > 0,
  );
}

/** How many rows would be written. */
export function writtenCount(preview: RosterPreview): number {
  return preview.rows.filter(({ what }) => what === "create" || what === "change").length;
}

/** The passwords as a table to print and cut, below a head of four words. */
export function passwordsCsv(passwords: readonly Handed[], head: readonly string[]): string {
  return csv([head, ...passwords.map(({ name, unit, username, password }) => [name, unit, username, password])]);
}
