/** Showing one's second factor once more: before a secret ballot or an election opens. */
import { refusalWords } from "../i18n";
import { ask } from "../wire/http";

/** Null when the code was right; else what is wrong, as a sentence. */
export function showFactor(code: string): Promise<string | null> {
  return ask("POST", "/api/session/confirm", { body: { code } }).then(() => null, refusalWords);
}
