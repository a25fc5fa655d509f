import { Problem } from "../wire/http";
import { errorText } from "./language.svelte";

/** Why the server refused something, as a sentence. What is no refusal is an error of this client: it is thrown on. */
export function refusalWords(error: unknown): string {
  if (!(error instanceof Problem)) throw error;
  return errorText(error.code, error.details);
}
