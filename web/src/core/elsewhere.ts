/** Who follows, and who reads something else than what is presented, and where, as the desk asks it. Pure. */
import type { Meeting, Paper } from "../wire/types";
import { byPrecedence } from "./standing";

/** How many people and sites are connected, and how many of them see what is shown. */
export interface Meter {
  readonly people: number;
  readonly people_following: number;
  readonly sites: number;
  readonly sites_following: number;
}

/** A page somebody reads alone; an empty paper: nothing is open there. */
export interface ReadsAt {
  readonly paper: string;
  readonly page: number;
}

/** Somebody, or a site, that does not see what is presented. */
export interface Elsewhere {
  readonly id: string;
  readonly name: string;
  /** What tells them from others: title, unit and site; empty for a site. */
  readonly about: string;
  /** Null where nothing is open, or where it is not for the desk to see. */
  readonly paper: Paper | null;
  readonly page: number;
}

/** The sites first, in protocol order, then the people, in order of precedence. */
export function readElsewhere(meeting: Meeting, at: Readonly<Record<string, ReadsAt>>): Elsewhere[] {
  const sites = Object.values(meeting.sites).sort((a, b) => a.order - b.order);
  const named = [
    ...sites.map(({ id, name }) => ({ id, name, about: "" })),
    ...byPrecedence(Object.values(meeting.members)).map(({ id, name, title, unit_short, site }) => {
      const about = [title, title.includes(unit_short) ? "" : unit_short, meeting.sites[site]?.name];
      return { id, name, about: about.filter(Boolean).join(" · ") };
    }),
  ];
  return named.flatMap((one) => {
    const { paper, page } = at[one.id] ?? { paper: null, page: 0 };
    return paper === null ? [] : [{ ...one, paper: meeting.papers[paper] ?? null, page }];
  });
}
