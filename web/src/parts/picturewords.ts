/** Sentences for tiles without a picture. */
import { grants, nameOf, telephoneOf } from "../core/conference";
import { type Seats, slotWord } from "../core/conferenceseats";
import { hourOf } from "../core/lines";
import { pictureWord, type PictureWord, seen } from "../core/picture";
import { lastDigits } from "../core/wall";
import { t } from "../i18n";
import type { Meeting } from "../wire/types";

/** Why somebody is not seen; `gone` is when their line broke, 0 where that is not known. */
export function pictureWords(word: Exclude<PictureWord, "">, meeting: Meeting, who: string, gone = 0): string {
  if (word === "voice") return t("wall.voice", { digits: lastDigits(telephoneOf(meeting, who)) });
  if (word !== "lost") return t(`wall.${word}`);
  return gone > 0 ? t("wall.lost", { time: hourOf(gone) }) : t("wall.lost_plain");
}

/** Why the picture in that slot does not come; empty while it does. */
export function slotWords(seats: Seats, slot: number): string {
  const word = slotWord(seats, slot);
  return word === "" ? "" : t(`wall.${word}`);
}

/** What stands in place of the stage's picture: who should be there, and why they are not seen; empty while they are. */
export function stageWords(meeting: Meeting, statuses: Readonly<Record<string, unknown>>, seats: Seats): string {
  const who = seats.video[0] ?? null;
  if (who !== null) return slotWords(seats, 0);
  const wanted = grants(meeting).stage;
  const word = wanted === "" ? "" : pictureWord(seen(statuses, meeting, wanted, seats));
  if (word === "" || word === "waiting") return t("media.no_picture");
  return t("wall.why", { name: nameOf(meeting, wanted), why: pictureWords(word, meeting, wanted) });
}
