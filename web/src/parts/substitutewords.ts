/** Whom somebody came for: said wherever they are named, because the hall knows them by the member they replace. */
import { t } from "../i18n";
import type { Meeting, Member } from "../wire/types";

/** "dự thay …"; empty for whoever sits here in their own right, and where this tablet is not told of the member. */
export function insteadOf(meeting: Meeting, member: Member | null | undefined): string {
  const replaced = meeting.members[member?.substitute_for ?? ""];
  return replaced ? t("secretary.in_place_of", { name: replaced.name }) : "";
}

/** Their office, then whom they came for, in one line. */
export function titleAndInstead(meeting: Meeting, member: Member): string {
  return [member.title || member.unit, insteadOf(meeting, member)].filter(Boolean).join(", ");
}
