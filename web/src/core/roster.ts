/** Lists of people and of units from a file, as the server would keep them: what stands in the preview, in which order. */
import { csv } from "./csv";

export type RosterWhat = "wrong" | "create" | "change" | "same";

/** What would become of a row of any list. */
export interface ListRow {
  readonly number: number;
  readonly what: RosterWhat;
  readonly name: string;
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
  readonly wrong: readonly { readonly code: string; readonly details: Readonly<Record<string, unknown>> }[];
}
export interface RosterRow extends ListRow {
  readonly title: string;
  readonly unit: string;
  readonly username: string;
  readonly opens: boolean;
}
export interface UnitRow extends ListRow {
  /** Empty for a new unit without one. */
  readonly code: string;
  readonly kind: string;
  /** The name of the unit above; empty at the top. */
  readonly parent: string;
  /** Of a new unit: the one above another unit of the same name. */
  readonly namesake: string;
}
export interface ListPreview<Row extends ListRow> {
  readonly rows: readonly Row[];
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
/** How many rows were written. */
export interface Written {
  readonly created: number;
  readonly changed: number;
}
export interface Imported extends Written {
  readonly passwords: readonly Handed[];
}

/** What must be mended comes first, what stays as it is last. */
export const ROSTER_ORDER: readonly RosterWhat[] = ["wrong", "create", "change", "same"];

/** The rows by what would become of them; kinds without a row are left out. */
export function rosterParts<Row extends ListRow>(
  preview: ListPreview<Row>,
): { what: RosterWhat; rows: readonly Row[] }[] {
  return ROSTER_ORDER.map((what) => ({ what, rows: preview.rows.filter((row) => row.what === what) })).filter(
    ({ rows }) => rows.length > 0,
  );
}

/** How many rows would be written. */
export function writtenCount(preview: ListPreview<ListRow>): number {
  return preview.rows.filter(({ what }) => what === "create" || what === "change").length;
}

/** The passwords as a table to print and cut, below a head of four words. */
export function passwordsCsv(passwords: readonly Handed[], head: readonly string[]): string {
  return csv([head, ...passwords.map(({ name, unit, username, password }) => [name, unit, username, password])]);
}
