/** What is needed of a room where marks are read and written; outside of meetings there is no meeting. */
import type { Layer } from "../core/ink";
import type { Meeting } from "../wire/types";

export interface Standpoint {
  readonly standing: { readonly meeting: Meeting | null };
  readonly writable: readonly Layer[];
}
