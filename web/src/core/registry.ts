/** The register of sites: who keeps it, how one is found in it, and what is typed into it. Pure. */
import { fold } from "./desk";
import type { RegisteredSite, Unit } from "./prepare";

/** Who asks, as far as the register cares. */
export interface Keeper {
  readonly person: string;
  readonly unit: string;
  readonly offices: readonly string[];
  readonly only_meeting: string;
}

const KEEPERS = ["system", "unit", "technician"];

/** Whether somebody finds the register in the menu; a secretary chooses from it when preparing. */
export function keepsSites(me: Keeper | null | undefined): boolean {
  return me !== null && me !== undefined && me.only_meeting === "" && KEEPERS.some((one) => me.offices.includes(one));
}

/** Whether somebody finds the rooms in the menu: those who draw them, and those who put tablets on their seats. */
export const furnishesRooms = keepsSites;

/** As `must_draw` on the server: every room, or those of one's unit. */
export function drawsRooms(me: Keeper, unit: string): boolean {
  return me.offices.includes("system") || (me.offices.includes("unit") && me.unit !== "" && unit === me.unit);
}

/** As `must_change` on the server: every site, those of one's unit, or those that name one as technician. */
export function mayChange(site: RegisteredSite, me: Keeper): boolean {
  if (me.offices.includes("system")) return true;
  const own = me.unit !== "" && site.unit === me.unit;
  if (own && (me.offices.includes("unit") || me.offices.includes("technician"))) return true;
  return me.offices.includes("technician") && site.technician === me.person;
}

/** The units in which somebody may add a site. */
export function unitsToAdd(units: readonly Unit[], me: Keeper): Unit[] {
  return units.filter((unit) => !unit.retired && (me.offices.includes("system") || unit.id === me.unit));
}

/** The sites in which every word typed stands somewhere; in protocol order. */
export function findSites(sites: readonly RegisteredSite[], typed: string, unitName: (id: string) => string) {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  const digits = (text: string): string => text.replace(/\D/g, "");
  return [...sites]
    .filter((site) => {
      const numbers = [...site.telephones, site.spare_line].map(digits);
      const texts = [site.name, site.short, unitName(site.unit), site.room, site.technician_name, ...site.equipment];
      const all = fold([...texts, ...site.telephones, site.spare_line, ...numbers].join(" "));
      return words.every((word) => all.includes(word));
    })
    .sort((a, b) => a.order - b.order || a.id.localeCompare(b.id));
}

/** What is typed of a site: lists as one text. */
export interface TypedSite {
  unit: string;
  name: string;
  short: string;
  order: string;
  main: boolean;
  room: string;
  /** The technician's account and the name it goes with; another name typed is another person. */
  technician: string;
  account_name: string;
  technician_name: string;
  telephones: string;
  spare_line: string;
  places: string;
  equipment: string;
  codec: string;
}

export function typedOf(site: RegisteredSite | null, sites: readonly RegisteredSite[]): TypedSite {
  const last = Math.max(0, ...sites.map((one) => one.order));
  return {
    unit: site?.unit ?? "",
    name: site?.name ?? "",
    short: site?.short ?? "",
    order: String(site?.order ?? last + 1),
    main: site?.main ?? false,
    room: site?.room ?? "",
    technician: site?.technician ?? "",
    account_name: site?.technician_name ?? "",
    technician_name: site?.technician_name ?? "",
    telephones: site?.telephones.join("; ") ?? "",
    spare_line: site?.spare_line ?? "",
    places: site && site.places > 0 ? String(site.places) : "",
    equipment: site?.equipment.join("\n") ?? "",
    codec: site?.codec ?? "",
  };
}

/** The technician's account, as long as the name is the one it was chosen with; empty where nobody's. */
export function accountOf(typed: TypedSite): string {
  return typed.technician_name.trim() === typed.account_name ? typed.technician : "";
}

/** The site as typed; a new one gets an id of its unit that nobody has. */
export function siteOf(
  typed: TypedSite,
  before: RegisteredSite | null,
  sites: readonly RegisteredSite[],
): RegisteredSite {
  const split = (text: string, by: RegExp): string[] =>
    text
      .split(by)
      .map((one) => one.trim())
      .filter(Boolean);
  const number = (text: string): number => Math.max(0, Number.parseInt(text, 10) || 0);
  const { unit, main } = typed;
  const [name, technician_name] = [typed.name.trim(), typed.technician_name.trim()];
  return {
    id: before?.id ?? freshId(unit, sites),
    unit,
    name,
    short: typed.short.trim(),
    order: number(typed.order),
    main,
    room: typed.room.trim(),
    technician: accountOf(typed),
    technician_name,
    telephones: split(typed.telephones, /[;\n]/),
    spare_line: typed.spare_line.trim(),
    places: number(typed.places),
    equipment: split(typed.equipment, /\n/),
    codec: typed.codec.trim(),
    retired: before?.retired ?? false,
  };
}

function freshId(unit: string, sites: readonly RegisteredSite[]): string {
  const taken = new Set(sites.map((site) => site.id));
  const base =
    fold(unit)
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 56) || "diem-cau";
  let id = base;
  for (let count = 2; taken.has(id); count += 1) id = `${base}-${count}`;
  return id;
}
