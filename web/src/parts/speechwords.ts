/** What a speech is called where its kind matters: a question to somebody, the answer to it, a point of order. */
import { t } from "../i18n";
import type { Meeting } from "../wire/types";

/** In words; empty for a speech like any other, and where this tablet is not told. */
export function speechKind(meeting: Meeting): string {
  const { speaking } = meeting;
  if (!speaking || speaking.kind === "speech") return "";
  if (speaking.kind === "order") return t("room.point_of_order");
  const name = meeting.members[speaking.to]?.name ?? "";
  if (speaking.kind === "reply") return name ? t("speaking.answers", { name }) : t("speaking.answer");
  return name ? t("speaking.questions", { name }) : t("room.question");
}
