/** The sites as those who steer the conference deal with them: in, waiting, heard, on stage. Pure. */
import type { Meeting, Member, Site } from "../wire/types";
import { carriesChair, grants, isLocked, waits } from "./conference";
import { NO_SEATS } from "./conferenceseats";
import { pictureWord, type PictureWord, seen } from "./picture";
import { sitesInOrder } from "./prepare";
import { byPrecedence } from "./standing";

export interface SiteHand {
  readonly site: Site;
  readonly number: number;
  /** Not let in yet; and whether somebody is there to be let in. */
  readonly waits: boolean;
  readonly knocks: boolean;
  readonly heard: boolean;
  readonly locked: boolean;
  readonly pinned: boolean;
  /** The chair's own place: nobody takes its microphone away. */
  readonly chairs: boolean;
  /** Why it is not seen; `waiting` says no more than that it is there. */
  readonly word: PictureWord;
}

const AWAY: readonly PictureWord[] = ["absent", "lost", "left"];

export function siteHands(meeting: Meeting, statuses: Readonly<Record<string, unknown>>): SiteHand[] {
  const { audible } = grants(meeting);
  return sitesInOrder(meeting).map((site, at) => {
    const isWaiting = waits(meeting, site.id);
    const letIn = { ...meeting, waiting_room: false };
    const line = pictureWord(seen(statuses, letIn, site.id, NO_SEATS));
    return {
      site,
      number: at + 1,
      waits: isWaiting,
      knocks: isWaiting && !AWAY.includes(line),
      heard: audible.has(site.id),
      locked: isLocked(meeting, site.id),
      pinned: meeting.pinned === site.id,
      chairs: carriesChair(meeting, site.id),
      word: isWaiting ? "waiting_room" : line,
    };
  });
}

/** How many stand at the door. */
export function knocking(meeting: Meeting, statuses: Readonly<Record<string, unknown>>): number {
  return siteHands(meeting, statuses).filter((one) => one.knocks).length;
}

/** The people of a site by precedence, without those who sent a substitute. */
export function peopleOf(meeting: Meeting, site: string): Member[] {
  return byPrecedence(Object.values(meeting.members).filter((one) => one.site === site && !one.substituted_by));
}
