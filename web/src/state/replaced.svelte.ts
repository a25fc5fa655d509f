/** Papers of which a newer version has come while this device was in the meeting, until their reader has seen the notice. */
import { replacedPapers } from "../core/pushing";
import type { Meeting } from "../wire/types";

export class Replaced {
  /** By id, the first that came first. */
  list = $state.raw<readonly string[]>([]);

  /** The meeting stood so before and stands so now. */
  happened(before: Meeting | null, now: Meeting | null): void {
    const newer = replacedPapers(before, now).map(({ id }) => id);
    if (newer.length > 0) this.list = [...this.list.filter((id) => !newer.includes(id)), ...newer];
  }

  seen(paper: string): void {
    this.list = this.list.filter((id) => id !== paper);
  }
}
