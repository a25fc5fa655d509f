/** People, units and the record, as the administrators' screen asks for them. */
import type { Entry, RecordLine } from "../core/administration";
import type { Unit } from "../core/prepare";
import type { Imported, ListPreview, RosterRow, UnitRow, Written } from "../core/roster";
import { ask } from "../wire/http";

export interface Found {
  readonly people: readonly Entry[];
  readonly count: number;
}
export interface PersonForm {
  name: string;
  unit: string;
  title: string;
  precedence: number;
  short: string;
}
export type UnitForm = Omit<Unit, "id">;

const at = (person: string): string => `/api/administration/people/${encodeURIComponent(person)}`;
const account = (person: string, what: string): string => `/api/people/${encodeURIComponent(person)}/${what}`;

export function findPeople(search: string, unit: string, skip: number): Promise<Found> {
  const asked = new URLSearchParams({ search, unit, skip: `${skip}` });
  return ask<Found>("GET", `/api/administration/people?${asked.toString()}`);
}
export const personEntry = (person: string): Promise<Entry> => ask<Entry>("GET", at(person));

/** A new person with an account; the password to hand over. */
export async function addPerson(form: PersonForm, username: string, offices: readonly string[]) {
  const body = { ...form, username, offices };
  return ask<{ card: { id: string }; password: string }>("POST", "/api/people", { body });
}
export async function changePerson(person: string, form: PersonForm): Promise<void> {
  await ask("PUT", at(person), { body: form });
}
export async function openAccount(person: string, username: string): Promise<string> {
  return (await ask<{ password: string }>("POST", `${at(person)}/account`, { body: { username } })).password;
}
/** A new password to hand over; with `second_factor` the authenticator is forgotten too. */
export async function resetPassword(person: string, second_factor: boolean): Promise<string> {
  return (await ask<{ password: string }>("POST", account(person, "reset"), { body: { second_factor } })).password;
}
export async function freshPin(person: string): Promise<string> {
  return (await ask<{ pin: string }>("POST", account(person, "pin"))).pin;
}
export async function lockAccount(person: string, disabled: boolean): Promise<void> {
  await ask("POST", account(person, "disable"), { body: { disabled } });
}
export async function giveOffices(person: string, offices: readonly string[]): Promise<void> {
  await ask("POST", account(person, "offices"), { body: { offices } });
}
export async function endSessions(person: string): Promise<void> {
  await ask("DELETE", `${at(person)}/sessions`);
}
/** Add a unit (without an id), or write it anew. */
export function keepUnit(id: string, form: UnitForm): Promise<Unit> {
  return id
    ? ask<Unit>("PUT", `/api/administration/units/${encodeURIComponent(id)}`, { body: form })
    : ask<Unit>("POST", "/api/administration/units", { body: form });
}
/** The record, the last line first; of one person everything. */
export async function recordLines(person: string, before: number): Promise<readonly RecordLine[]> {
  const asked = new URLSearchParams({ ...(person && { person }), ...(before && { before: `${before}` }) });
  return (await ask<{ lines: RecordLine[] }>("GET", `/api/administration/record?${asked.toString()}`)).lines;
}

const ROSTER = "/api/administration/roster";
export const ROSTER_TEMPLATE = `${ROSTER}.xlsx`;
/** With an account for everybody, or for those with a username only. */
const accounts = (opening: boolean): string => (opening ? "?accounts=all" : "");
/** What keeping this list of people would do; nothing is written. */
export const previewRoster = (file: Blob, opening: boolean): Promise<ListPreview<RosterRow>> =>
  ask<ListPreview<RosterRow>>("POST", `${ROSTER}${accounts(opening)}`, { body: file, patience: 60_000 });
/** Keep exactly what was previewed under this digest. Making many passwords takes its time. */
export const keepRoster = (file: Blob, digest: string, opening: boolean): Promise<Imported> =>
  ask<Imported>("POST", `${ROSTER}/${digest}${accounts(opening)}`, { body: file, patience: 180_000 });

const UNIT_LIST = "/api/administration/unit-list";
/** The units in use, to change and to add to. */
export const UNIT_LIST_TEMPLATE = `${UNIT_LIST}.xlsx`;
/** What keeping this list of units would do; nothing is written. */
export const previewUnits = (file: Blob): Promise<ListPreview<UnitRow>> =>
  ask<ListPreview<UnitRow>>("POST", UNIT_LIST, { body: file, patience: 60_000 });
/** Keep exactly what was previewed under this digest. */
export const keepUnits = (file: Blob, digest: string): Promise<Written> =>
  ask<Written>("POST", `${UNIT_LIST}/${digest}`, { body: file, patience: 60_000 });
