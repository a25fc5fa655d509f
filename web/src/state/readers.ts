/** Asking the server who has opened a paper. */
import type { Reader } from "../core/readers";
import { refusalWords } from "../i18n";
import { ask } from "../wire/http";

/** Everybody for whom the paper is, by precedence; rejects with the sentence of the refusal. */
export function readersOf(meeting: string): (paper: string) => Promise<readonly Reader[]> {
  return async (paper) => {
    const path = `/api/meetings/${encodeURIComponent(meeting)}/readings/${encodeURIComponent(paper)}`;
    try {
      return (await ask<{ readers: readonly Reader[] }>("GET", path)).readers;
    } catch (error) {
      return Promise.reject(refusalWords(error));
    }
  };
}
