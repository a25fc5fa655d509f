/** Asking the server how the attendance came to be what it is. */
import type { Trace } from "../core/attendance";
import { refusalWords } from "../i18n";
import { ask } from "../wire/http";

/** Every entry of the attendance, in order; rejects with the sentence of the refusal. */
export function traceOf(meeting: string): () => Promise<Trace> {
  return async () => {
    try {
      return await ask<Trace>("GET", `/api/meetings/${encodeURIComponent(meeting)}/attendance`);
    } catch (error) {
      return Promise.reject(refusalWords(error));
    }
  };
}
