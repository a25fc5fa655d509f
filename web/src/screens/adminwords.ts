/** Fields of people and units in words, as the record and the preview of a list say them. */
import { OFFICES } from "../core/administration";
import type { Unit } from "../core/prepare";
import { type TextKey, t } from "../i18n";
import VI from "../i18n/vi/admin.json";

/** What a screen for a file of one kind says. */
export interface FileWords {
  readonly title: string;
  readonly how: string;
  readonly template: string;
  /** What files of this kind do not do. */
  readonly note: string;
  readonly keeping: string;
  readonly keep: (count: number) => string;
}
export const peopleFile = (): FileWords => ({
  title: t("roster.title"),
  how: t("roster.how"),
  template: t("roster.template"),
  note: t("roster.offices"),
  keeping: t("roster.keeping"),
  keep: (count) => t("roster.keep", { count }),
});
export const unitsFile = (): FileWords => ({
  title: t("roster.units_title"),
  how: t("roster.units_how"),
  template: t("roster.units_template"),
  note: t("roster.units_note"),
  keeping: t("roster.units_keeping"),
  keep: (count) => t("roster.units_keep", { count }),
});

/** The text of a word the server may know before this screen does; else the word itself. */
export function say(prefix: string, word: string): string {
  return `${prefix}_${word}` in VI ? t(`admin.${prefix}_${word}` as TextKey) : word;
}

/** What changed in a field: what stood there and what stands there. */
export function wasWords(field: string, before: unknown, after: unknown, units: readonly Unit[]): string {
  const shown = (found: unknown): string => value(field, found, units);
  return t("admin.was", { field: say("field", field), before: shown(before), after: shown(after) });
}

function value(field: string, found: unknown, units: readonly Unit[]): string {
  if (Array.isArray(found)) {
    const given = OFFICES.filter((office) => found.includes(office)).map((office) => say("office", office));
    return given.join(", ") || "–";
  }
  if (typeof found === "boolean") return t(found ? "admin.yes" : "admin.no");
  if (found === null || found === "") return "–";
  if (field === "unit" || field === "parent") return units.find((unit) => unit.id === found)?.name ?? String(found);
  return field === "kind" ? say("kind", String(found)) : String(found);
}
