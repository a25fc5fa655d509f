/** What one may do with a paper, and who may read it. Pure. */
import type { Meeting, Paper } from "../wire/types";
import { hiddenFromSome } from "./guests";

/**
 * What is said of a paper that not everybody may read and keep: it is for those who are at its item (some guests are
 * not), for members, for named readers; and for the screen only.
 */
export type PaperRight = "item" | "members" | "named" | "screen";

/**
 * Whether nobody is handed its file or its text, and no device keeps its pages; as `kept_back` on the server. What
 * people read of their own beside an internal meeting is theirs.
 */
export function keptBack(meeting: Pick<Meeting, "internal" | "papers"> | null, paper: Paper): boolean {
  if (meeting?.internal && paper.id in meeting.papers) return true;
  // A meeting kept on the device before there were such papers says nothing of it.
  return paper.readers === "named" || Boolean(paper.screen_only);
}

/** What is to be said of this paper, who may read it first; nothing of one that is for everybody. */
export function rightsOf(meeting: Meeting, paper: Paper): PaperRight[] {
  const screen: PaperRight[] = keptBack(meeting, paper) ? ["screen"] : [];
  if (paper.readers !== "all") return [paper.readers, ...screen];
  return hiddenFromSome(meeting).has(paper.item) ? ["item", ...screen] : screen;
}
