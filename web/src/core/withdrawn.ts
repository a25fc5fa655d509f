/** What is taken back from a tablet: papers for named readers, when the meeting closes. As `views.view` on the server. */
import type { Meeting } from "../wire/types";

/** The meeting without the papers that are no longer this person's to read; `keeps`: the desk and the secretary. */
export function withoutWithdrawn(meeting: Meeting, keeps: boolean): Meeting {
  if (meeting.phase !== "closed" || keeps) return meeting;
  const left = Object.entries(meeting.papers).filter(([, paper]) => paper.readers !== "named");
  if (left.length === Object.keys(meeting.papers).length) return meeting;
  return { ...meeting, papers: Object.fromEntries(left) };
}

/** The versions that were here before and are gone or replaced: nothing of them may stay on the device. */
export function versionsGone(before: Meeting | null, after: Meeting | null): string[] {
  if (!before || !after) return [];
  const here = new Set(Object.values(after.papers).map((paper) => paper.version));
  return Object.values(before.papers)
    .map((paper) => paper.version)
    .filter((version) => version !== "" && !here.has(version));
}
