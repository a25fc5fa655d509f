/** The guide: which questions there are, where they fit, whose they are, and how they are found. Pure. */
import { fold } from "./desk";
import type { ScreenName } from "../paths";

export const HELP_PAGES = [
  "delegate",
  "chair",
  "deputy",
  "secretary",
  "guest",
  "technician",
  "site",
  "administrator",
  "common",
] as const;
export type HelpPage = (typeof HELP_PAGES)[number];

/** A question in one language, and its answer: paragraphs, those that begin with "- " are steps. */
export interface Topic {
  readonly q: string;
  readonly a: readonly string[];
}
export type Topics = Readonly<Record<string, Topic>>;

/** Every question, as "page.name", and the screens on which it is asked. */
export const TOPICS = {
  "common.sign_in": ["SignIn"],
  "common.code": ["SignIn", "Account"],
  "common.text_size": ["SignIn", "Account", "Room", "Calendar"],
  "common.network": ["Room", "ChairDesk", "SecretaryDesk", "Site"],
  "common.calendar": ["Calendar"],
  "common.search": ["Search", "Calendar"],
  "common.folder": ["Folder", "FolderPaper", "Room", "Calendar"],
  "common.playback": ["Playback"],
  "common.leave": ["Room", "Account"],
  "delegate.follow": ["Room"],
  "delegate.ask_floor": ["Room"],
  "delegate.my_turn": ["Room"],
  "delegate.vote": ["Room"],
  "delegate.ink": ["Room"],
  "delegate.bookmark": ["Room"],
  "delegate.where": ["Room"],
  "delegate.help_me": ["Room"],
  "delegate.present": ["Room"],
  "delegate.share": ["Room", "ChairDesk"],
  "delegate.tablet": ["TabletSeat"],
  "chair.open": ["ChairDesk"],
  "chair.invite": ["ChairDesk"],
  "chair.present": ["ChairDesk"],
  "chair.vote": ["ChairDesk"],
  "chair.acting": ["ChairDesk"],
  "chair.dropped": ["ChairDesk"],
  "chair.hand_over": ["ChairDesk"],
  "chair.mute": ["ChairDesk"],
  "chair.close": ["ChairDesk"],
  "deputy.take": ["ChairDesk", "Room"],
  "deputy.give_back": ["ChairDesk"],
  "deputy.limits": ["ChairDesk"],
  "deputy.chair_later": ["ChairDesk"],
  "secretary.create": ["Calendar", "Prepare"],
  "secretary.papers": ["Prepare", "SecretaryDesk"],
  "secretary.internal": ["Prepare", "Calendar"],
  "secretary.guests": ["Prepare"],
  "secretary.attendance": ["SecretaryDesk"],
  "secretary.minutes": ["SecretaryDesk"],
  "secretary.acting": ["SecretaryDesk"],
  "secretary.hands": ["SecretaryDesk"],
  "secretary.seats": ["Prepare", "SeatPrint", "SecretaryDesk"],
  "guest.enter": ["SignIn"],
  "guest.items": ["Room"],
  "guest.speak": ["Room"],
  "guest.read": ["Room"],
  "guest.back": ["Room", "SignIn"],
  "technician.before": ["Technician"],
  "technician.alarms": ["Technician"],
  "technician.echo": ["Technician", "Site"],
  "technician.blocked": ["Technician", "Site"],
  "technician.codec": ["Technician", "Sites"],
  "technician.wall": ["Wall", "Technician"],
  "technician.tablets": ["Rooms", "TabletBind"],
  "site.enter": ["Site", "SignIn"],
  "site.microphone": ["Site"],
  "site.no_sound": ["Site"],
  "site.many_people": ["Site"],
  "site.telephone": ["Site"],
  "site.layout": ["Site"],
  "site.people": ["Site"],
  "administrator.add": ["Admin"],
  "administrator.import": ["Admin"],
  "administrator.import_units": ["Admin"],
  "administrator.reset": ["Admin"],
  "administrator.pin": ["Admin"],
  "administrator.left": ["Admin"],
  "administrator.offices": ["Admin"],
  "administrator.sites": ["Sites"],
  "administrator.rooms": ["Rooms"],
  "administrator.record": ["Admin"],
  "administrator.privacy": ["Admin"],
} as const satisfies Record<string, readonly ScreenName[]>;

/** Who looks, as far as the guide cares. */
export interface Reader {
  readonly offices: readonly string[];
  /** In the meeting on screen. */
  readonly roles: readonly string[];
}

const DESKS: Partial<Record<ScreenName, HelpPage>> = {
  ChairDesk: "chair",
  SecretaryDesk: "secretary",
  Prepare: "secretary",
  Technician: "technician",
  Wall: "technician",
  TabletBind: "technician",
  Site: "site",
  Admin: "administrator",
};

/** The page that fits whoever looks at this screen. */
export function pageFor(screen: ScreenName | null, { offices, roles }: Reader): HelpPage {
  if (offices.includes("site")) return "site";
  if (offices.includes("guest") || roles.includes("guest")) return "guest";
  const desk = screen && DESKS[screen];
  if (desk === "chair") return roles.includes("deputy") && !roles.includes("chair") ? "deputy" : desk;
  if (desk) return desk;
  if (screen === "Sites" || screen === "Rooms")
    return offices.includes("system") || offices.includes("unit") ? "administrator" : "technician";
  if (screen === "Room") return roles.includes("deputy") ? "deputy" : "delegate";
  if (screen === "Calendar" && offices.includes("secretary")) return "secretary";
  return screen === "TabletSeat" ? "delegate" : "common";
}

export interface Shown {
  /** What is asked on this screen. */
  readonly here: readonly string[];
  readonly others: readonly string[];
}

/** The questions of a page: those of this screen, with the common ones, first. */
export function questionsOf(page: HelpPage, screen: ScreenName | null): Shown {
  const all = Object.entries(TOPICS) as [string, readonly ScreenName[]][];
  const of = (whose: HelpPage) => all.filter(([id]) => id.startsWith(`${whose}.`));
  const fits = ([, screens]: [string, readonly ScreenName[]]): boolean => screen !== null && screens.includes(screen);
  const ids = (found: [string, readonly ScreenName[]][]): string[] => found.map(([id]) => id);
  const own = of(page);
  const common = page === "common" ? [] : of("common").filter(fits);
  return { here: ids([...own.filter(fits), ...common]), others: ids(own.filter((one) => !fits(one))) };
}

/** Questions of all pages in which every word typed stands, with or without marks: in the question first. */
export function search(topics: Topics, typed: string): string[] {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  const has = (text: string): boolean => words.every((word) => fold(text).includes(word));
  const found = Object.entries(topics);
  const asked = found.filter(([, { q }]) => has(q));
  const told = found.filter(([, { q, a }]) => !has(q) && has([q, ...a].join(" ")));
  return [...asked, ...told].map(([id]) => id);
}

/** An answer in paragraphs; steps that follow each other are one list. */
export function paragraphsOf({ a }: Topic): (string | string[])[] {
  const found: (string | string[])[] = [];
  for (const line of a) {
    const last = found.at(-1);
    if (!line.startsWith("- ")) found.push(line);
    else if (Array.isArray(last)) last.push(line.slice(2));
    else found.push([line.slice(2)]);
  }
  return found;
}

/** A line taken apart: words, and the buttons it names by the keys of their texts ("[room.more]"). */
export function piecesOf(line: string): { words: string; button: boolean }[] {
  return line
    .split(/(\[[a-z_]+\.[a-z0-9_]+\])/)
    .filter(Boolean)
    .map((piece) =>
      /^\[.*\]$/.test(piece) ? { words: piece.slice(1, -1), button: true } : { words: piece, button: false },
    );
}
