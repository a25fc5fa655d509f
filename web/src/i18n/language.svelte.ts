import i18next from "i18next";
import type { TextKey } from "./keys";

export type Language = "vi" | "en";
export type TextValues = Record<string, string | number>;
type Tree = { [key: string]: string | Tree };
type Sentences = Record<string, Record<Language, string>>;

const KEPT = "hopso.language";
const texts = i18next.createInstance();

/** Words that fit every type of meeting. */
const WHOEVER_PRESIDES = "người chủ trì";
/** Who presides, in the words of the meeting on this device. */
let presiding = WHOEVER_PRESIDES;

/** Changes when the texts change, so that everything that called `t` is read again. */
let shown = $state<Language>("vi");

/** `./vi/room.json` → `room`: the first word of a key is the name of its file. */
function bySubject(files: Record<string, unknown>): Tree {
  return Object.fromEntries(
    Object.entries(files).map(([path, tree]) => [path.replace(/^.*\/|\.json$/g, ""), tree as Tree]),
  );
}

/** Codes are dotted; their sentences stand flat under one namespace, so no separator splits them. */
function sentences(files: Record<string, unknown>, language: Language): Record<string, string> {
  const all = Object.values(files).flatMap((file) => Object.entries(file as Sentences));
  return Object.fromEntries(all.map(([code, text]) => [code, text[language]]));
}

async function load(language: Language): Promise<void> {
  const [tree, errors] = await Promise.all([language === "vi" ? import("./vi") : import("./en"), import("./errors")]);
  texts.addResourceBundle(language, "texts", bySubject(tree.default), true, true);
  texts.addResources(language, "errors", sentences(errors.default, language));
}

function kept(): Language {
  return globalThis.localStorage?.getItem(KEPT) === "en" ? "en" : "vi";
}

/** Load the texts of the language kept on this device; Vietnamese unless English was chosen. */
export async function startTexts(language: Language = kept()): Promise<void> {
  await texts.init({
    lng: language,
    fallbackLng: "vi",
    ns: ["texts", "errors"],
    defaultNS: "texts",
    resources: {},
    interpolation: { escapeValue: false },
  });
  await load("vi");
  if (language !== "vi") await load(language);
  shown = language;
}

/** Show another language, now and on this device from now on. */
export async function setLanguage(language: Language): Promise<void> {
  await load(language);
  await texts.changeLanguage(language);
  globalThis.localStorage?.setItem(KEPT, language);
  if (globalThis.document) document.documentElement.lang = language;
  shown = language;
}

/** The language on screen. */
export function language(): Language {
  return shown;
}

/** The text of a key, with its values filled in. */
export function t(key: TextKey, values?: TextValues): string {
  return texts.t(key, { ...values, lng: shown });
}

/** Errors speak of whoever presides as this meeting does: "chủ trì", "chủ tọa"; neutrally where there is none. */
export function callPresiding(words = WHOEVER_PRESIDES): void {
  presiding = words;
}

/** The sentence for an error code; an unknown code gets a general sentence that names it. */
export function errorText(code: string, details?: Record<string, unknown>): string {
  const known = texts.getResource(shown, "errors", code) as string | undefined;
  if (known === undefined) return t("app.unknown_error", { code });
  const chair = { presiding, Presiding: presiding.charAt(0).toLocaleUpperCase("vi") + presiding.slice(1) };
  return texts.services.interpolator.interpolate(known, { ...chair, ...details }, shown, { escapeValue: false });
}
