/** What is taken back from a tablet: papers for named readers, when the meeting closes. As `views.view` on the server. */
import type { Meeting } from "../wire/types";
import { keptBack } from "./paperrights";

/** The meeting without the papers that are no longer this person's to read; `keeps`: the desk and the secretary. */
export function withoutWithdrawn(meeting: Meeting, keeps: boolean): Meeting {
  if (meeting.phase !== "closed" || keeps) return meeting;
  const left = Object.entries(meeting.papers).filter(([, paper]) => paper.readers !== "named");
  if (left.length === Object.keys(meeting.papers).length) return meeting;
  return { ...meeting, papers: Object.fromEntries(left) };
}

/**
 * The versions of which nothing may stay on the device: what was here before and is gone or replaced, and what may be
 * read on the screen only from now on. When the meeting is first seen, also what was so restricted while nobody looked.
 */
export function versionsGone(before: Meeting | null, after: Meeting | null): string[] {
  if (!after) return [];
  const kept = (meeting: Meeting): Set<string> =>
    new Set(Object.values(meeting.papers).flatMap((paper) => (keptBack(meeting, paper) ? [] : [paper.version])));
  const here = new Set(Object.values(after.papers).map(({ version }) => version));
  const [mayStay, couldStay] = [kept(after), before && kept(before)];
  const restricted = [...here].filter((version) => !mayStay.has(version) && (couldStay?.has(version) ?? true));
  const gone = Object.values(before?.papers ?? {}).flatMap(({ version }) => (here.has(version) ? [] : [version]));
  return [...gone, ...restricted].filter((version) => version !== "");
}
