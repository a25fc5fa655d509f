/** Who may watch a recording once the meeting is over; as `watchers_of_recording` on the server. Pure. */
import type { Meeting } from "../wire/types";

export function watchesRecording(meeting: Meeting, person: string): boolean {
  const member = meeting.members[person];
  if (!meeting.recorded || meeting.phase !== "closed" || !member) return false;
  const desk = person === meeting.chair || person === meeting.deputy || member.roles.includes("secretary");
  const may = desk || member.roles.includes("deputy") || member.roles.includes("chair");
  const asMember = meeting.rules.recordings === "members" && member.roles.includes("delegate");
  return (may || asMember) && !member.roles.includes("guest");
}
