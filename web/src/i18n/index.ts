export type { Language, TextValues } from "./language.svelte";
export { errorText, language, setLanguage, startTexts, t } from "./language.svelte";
export type { TextKey } from "./keys";
