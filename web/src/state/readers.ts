/** Asking the server who has opened a paper. */
import type { Reader } from "../core/readers";
import { errorText } from "../i18n";
import { Problem, UNREACHABLE, ask } from "../wire/http";

/** Everybody for whom the paper is, by precedence; rejects with the sentence of the refusal. */
export function readersOf(meeting: string): (paper: string) => Promise<readonly Reader[]> {
  return async (paper) => {
    const path = `/api/meetings/${encodeURIComponent(meeting)}/readings/${encodeURIComponent(paper)}`;
    try {
      return (await ask<{ readers: readonly Reader[] }>("GET", path)).readers;
    } catch (error) {
      const { code, details } = error instanceof Problem ? error : new Problem(UNREACHABLE);
      return Promise.reject(errorText(code, details));
    }
  };
}
