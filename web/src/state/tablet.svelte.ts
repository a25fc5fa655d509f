/** A shared tablet on a seat: who may sit down, and that nothing of whoever sat there stays on it. */
import { place } from "../place.svelte";
import { ask } from "../wire/http";
import { hangUp } from "./line";
import type { MeetingState } from "./meeting.svelte";
import { Preload } from "./preload.svelte";
import { session } from "./session.svelte";
import { officeOf } from "../core/office";
import { tabletHere } from "./tabletmark";

/** Somebody who may say "Tôi là …". */
export interface Sitter {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** The name of the member they came for. */
  readonly instead: string;
}

/** Title, unit and, in the words given, whom they came for. */
export function sitterWords(one: Sitter, instead: (name: string) => string): string {
  return [officeOf(one), one.instead && instead(one.instead)].filter(Boolean).join(" · ");
}

/** A meeting of this tablet's room. */
export interface SeatOffer {
  readonly meeting: string;
  readonly title: string;
  readonly starts_at: number;
  readonly here: Sitter | null;
  readonly people: readonly Sitter[];
}

export interface Offered {
  readonly room: string;
  readonly seat: string;
  readonly meetings: readonly SeatOffer[];
}

/** What this tablet offers now; refused with `tablet.unknown` where it is bound to no seat. */
export function offered(): Promise<Offered> {
  return ask<Offered>("GET", "/api/tablet");
}

/** Databases of the browser in which something of a person may lie. */
const DATABASES = ["hopso", "hopso-minutes"];
/** What stays on the device: that it is a tablet, its name, and how it shows things. */
const STAYS: ReadonlySet<string> = new Set([
  "hopso.tablet",
  "hopso.endpoint",
  "hopso.language",
  "hopso.theme",
  "hopso.text-scale",
]);

/** Everything of whoever sat here goes: pages, kept meetings, what waited to be sent, names. */
export async function wipe(): Promise<void> {
  if ("caches" in globalThis) await new Preload().clear().catch(() => undefined);
  await Promise.all(DATABASES.map(dropped));
  for (const key of Object.keys(localStorage)) if (!STAYS.has(key)) localStorage.removeItem(key);
  sessionStorage.clear();
}

/** Resolves also where a page still holds it open: it goes when that page does, at the latest with the reload. */
function dropped(name: string): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}

/** Pages on which nobody needs to be signed in. */
const DOORS: readonly string[] = ["/cho-ngoi", "/gan-may", "/dang-nhap"];

/** From now on: when nobody is signed in on a shared tablet any more, it is emptied and begins anew. */
export function emptyWhenLeft(restart: () => void = () => location.replace("/cho-ngoi")): () => void {
  return $effect.root(() => {
    $effect(() => {
      if (session.me !== null || !tabletHere() || DOORS.includes(place.path)) return;
      hangUp();
      void wipe().then(restart);
    });
  });
}

/** The meeting's end is the end of its tablets, and so is that of the session, whoever ended it. */
export function emptiesWith(standing: MeetingState): () => void {
  if (!tabletHere()) return () => undefined;
  return $effect.root(() => {
    $effect(() => {
      if (standing.meeting?.phase === "closed") void session.leave();
      else if (standing.line.step === "ended") void session.load().catch(() => undefined);
    });
  });
}
