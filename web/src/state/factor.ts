/** Showing one's second factor once more: before a secret ballot or an election opens. */
import { errorText } from "../i18n";
import { Problem, ask } from "../wire/http";

/** Null when the code was right; else what is wrong, as a sentence. */
export async function showFactor(code: string): Promise<string | null> {
  try {
    await ask("POST", "/api/session/confirm", { body: { code } });
    return null;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return errorText(problem.code, problem.details);
  }
}
