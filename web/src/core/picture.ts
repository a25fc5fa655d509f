/** Why somebody's tile shows no picture: the same on the wall, at a site, in the room and on the desks. Pure. */
import type { Meeting } from "../wire/types";
import { telephoneOf, waits } from "./conference";
import { type Seats, slotWord } from "./conferenceseats";
import type { LineRow } from "./lines";

/**
 * waiting_room: not let in yet; voice: there by telephone; left: has gone by itself; lost, again: the line; absent: has
 * not come yet; weak: this screen's line carries sound only; coding: this screen cannot decode it; waiting: the picture
 * is on its way.
 */
export type PictureWord =
  | ""
  | "camera_off"
  | "audio_only"
  | "again"
  | "lost"
  | "left"
  | "absent"
  | "waiting"
  | "waiting_room"
  | "weak"
  | "coding"
  | "voice";

/** What the house says of a site's line; everybody hears it. */
export type KnownLine = Pick<LineRow, "state" | "camera" | "audio_only">;

/** The newest word about somebody's connection. */
interface Told {
  readonly type: "joined" | "gone";
  readonly reason?: string;
}

export interface Seen {
  readonly meeting: Meeting;
  readonly who: string;
  /** Null while nothing is known, and for who takes part alone. */
  readonly line: KnownLine | null;
  readonly told: Told | null;
  readonly seats: Seats;
}

const GOOD: KnownLine = { state: "good", camera: "on", audio_only: false };
const DARK: readonly string[] = ["off", "missing", "refused", "stopped"];

/** Everything the statuses of a meeting say about one picture. */
export function seen(statuses: Readonly<Record<string, unknown>>, meeting: Meeting, who: string, seats: Seats): Seen {
  const told = (statuses[`media.camera:${who}`] ?? null) as Told | null;
  return { meeting, who, line: who in meeting.sites ? lineOf(statuses, who) : null, told, seats };
}

/** Of a site that nothing is said about, once something is said at all, the line is good and the camera on. */
function lineOf(statuses: Readonly<Record<string, unknown>>, site: string): KnownLine | null {
  const rows = statuses["lines"] as readonly LineRow[] | null | undefined;
  if (rows) return rows.find((row) => row.site === site) ?? null;
  const known = statuses["pictures"] as Readonly<Record<string, KnownLine>> | null | undefined;
  return known ? (known[site] ?? GOOD) : null;
}

/** Why there is no picture; empty while there is one. */
export function pictureWord(one: Seen): PictureWord {
  const { meeting, who, line, seats } = one;
  if (waits(meeting, who)) return "waiting_room";
  if (telephoneOf(meeting, who)) return "voice";
  const away = line ? awayByLine(one, line) : awayByWord(one);
  if (away) return away;
  if (line?.audio_only) return "audio_only";
  const slot = seats.video.indexOf(who);
  if (slot >= 0) return slotWord(seats, slot);
  return line && DARK.includes(line.camera) ? "camera_off" : "waiting";
}

function awayByLine({ told }: Seen, line: KnownLine): PictureWord {
  if (line.state === "good" || line.state === "weak") return "";
  return line.state === "lost" && told?.type === "gone" && told.reason === "closed" ? "left" : line.state;
}

function awayByWord({ meeting, who, told }: Seen): PictureWord {
  if (told?.type === "joined") return "";
  const attendance = meeting.members[who]?.attendance.state;
  if (attendance === "left" || (told && told.reason === "closed")) return "left";
  if (told) return "again";
  return attendance === "expected" || attendance === "absent" ? "absent" : "";
}
