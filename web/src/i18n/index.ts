export type { Language, TextValues } from "./language.svelte";
export { callPresiding, errorText, language, setLanguage, startTexts, t } from "./language.svelte";
export { refusalWords } from "./refusal";
export type { TextKey } from "./keys";
