/** Papers of which a newer version has come while this device was in the meeting, until their reader has seen the notice. */
import { replacedPapers } from "../core/pushing";
import type { Meeting } from "../wire/types";

export class Replaced {
  /** By id, the first that came first. */
  list = $state.raw<readonly string[]>([]);

  /** The paper whose marks say it themselves, with where they went: one strip is enough. */
  told = $state("");
  /** What is to be told next. */
  readonly next = $derived(this.list.find((id) => id !== this.told) ?? "");

  /** The meeting stood so before and stands so now. */
  happened(before: Meeting | null, now: Meeting | null): void {
    const newer = replacedPapers(before, now).map(({ id }) => id);
    if (newer.length > 0) this.list = [...this.list.filter((id) => !newer.includes(id)), ...newer];
  }

  /** Whether the marks on this paper tell it; once they do not any more, they were read. */
  tells(paper: string, tells: boolean): void {
    if (this.told === paper && !tells) this.seen(paper);
    this.told = tells ? paper : "";
  }

  seen(paper: string): void {
    this.list = this.list.filter((id) => id !== paper);
  }
}
