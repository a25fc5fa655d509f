/**
 * A recording on its own time: the stretches one after the other, the gaps left out. Positions are milliseconds of that
 * time, moments those of the server's clock; files, pages and speakers are found by moment. Pure.
 */

export interface Stretch {
  readonly began_at: number;
  readonly ended_at: number;
  readonly why: string;
}

export interface Segment {
  readonly file: string;
  readonly track: TrackName;
  readonly began_at: number;
  readonly ended_at: number;
  readonly width: number;
  readonly height: number;
}

export type TrackName = "picture" | "screen" | "voice0" | "voice1" | "voice2";
export const VOICES = ["voice0", "voice1", "voice2"] as const satisfies readonly TrackName[];

export interface Seated {
  readonly at: number;
  readonly picture: string;
  readonly screen: string;
}

export interface PageFrom {
  readonly at: number;
  readonly paper: string;
  readonly version: string;
  readonly page: number;
  readonly title: string;
}

export interface ItemFrom {
  readonly at: number;
  readonly item: string;
  readonly number: number;
  readonly title: string;
}

export interface SpeakerFrom {
  readonly at: number;
  readonly person: string;
  readonly name: string;
  readonly title: string;
}

export interface Vote {
  readonly at: number;
  readonly ballot: string;
  readonly question: string;
  readonly state: string;
}

export interface Course {
  readonly pages: readonly PageFrom[];
  readonly items: readonly ItemFrom[];
  readonly speakers: readonly SpeakerFrom[];
  readonly votes: readonly Vote[];
  readonly names: Readonly<Record<string, string>>;
}

export interface Recorded {
  readonly stretches: readonly Stretch[];
  readonly segments: readonly Segment[];
  readonly seats: readonly Seated[];
}

/** A stretch and where it begins in the recording's own time. */
export interface Part extends Stretch {
  readonly from: number;
}

/** A gap of the recording: where it stands, when it was, and why. */
export interface Gap {
  readonly at: number;
  readonly since: number;
  readonly until: number;
  readonly why: string;
}

/** Something one may want to jump to. */
export interface Mark {
  readonly kind: "item" | "speaker" | "vote";
  readonly position: number;
  readonly moment: number;
  readonly key: string;
  readonly text: string;
  readonly detail: string;
}

export function partsOf(stretches: readonly Stretch[]): readonly Part[] {
  let from = 0;
  return stretches
    .filter(({ began_at, ended_at }) => ended_at > began_at)
    .map((one) => {
      const part = { ...one, from };
      from += one.ended_at - one.began_at;
      return part;
    });
}

export function lengthOf(parts: readonly Part[]): number {
  const last = parts.at(-1);
  return last ? last.from + last.ended_at - last.began_at : 0;
}

export function gapsOf(parts: readonly Part[]): readonly Gap[] {
  return parts.slice(1).map((part, index) => {
    const before = parts[index]!;
    return { at: part.from, since: before.ended_at, until: part.began_at, why: before.why };
  });
}

/** The moment of a position; at a seam that of what follows. */
export function momentAt(parts: readonly Part[], position: number): number {
  const part = parts.findLast(({ from }) => from <= position) ?? parts[0];
  return part ? part.began_at + Math.max(0, Math.min(position - part.from, part.ended_at - part.began_at)) : 0;
}

/** The position of a moment; of one in a gap, where the recording goes on. */
export function positionOf(parts: readonly Part[], moment: number): number {
  const part = parts.find(({ ended_at }) => moment < ended_at);
  return part ? part.from + Math.max(0, moment - part.began_at) : lengthOf(parts);
}

/** The file of a track at a moment, and how many seconds into it that is; null where there is none. */
export function fileAt(
  segments: readonly Segment[],
  track: TrackName,
  moment: number,
): { readonly file: string; readonly seconds: number } | null {
  const found = segments.findLast((one) => one.track === track && one.began_at <= moment && moment < one.ended_at);
  return found ? { file: found.file, seconds: (moment - found.began_at) / 1000 } : null;
}

/** The last of these that began at this moment or before. */
export function lastAt<T extends { readonly at: number }>(all: readonly T[], moment: number): T | null {
  return all.findLast(({ at }) => at <= moment) ?? null;
}

/** Everything to jump to, in order; what was over before the recording began, or came after it, is left out. */
export function marksOf(course: Course, parts: readonly Part[]): readonly Mark[] {
  const first = parts[0]?.began_at ?? 0;
  const last = parts.at(-1)?.ended_at ?? 0;
  const mark = (kind: Mark["kind"], moment: number, key: string, text: string, detail: string): Mark => ({
    kind,
    moment: Math.max(moment, first),
    position: positionOf(parts, Math.max(moment, first)),
    key: `${kind}-${key}-${moment}`,
    text,
    detail,
  });
  /** Until when it lasted: the next of its kind. */
  const lasting = <T extends { readonly at: number }>(all: readonly T[], at: number): boolean =>
    (all.find((one) => one.at > at)?.at ?? Infinity) > first && at < last;
  return [
    ...course.items
      .filter((one) => one.item && lasting(course.items, one.at))
      .map((one) => mark("item", one.at, one.item, `${one.number}. ${one.title}`, "")),
    ...course.speakers
      .filter((one) => one.person && lasting(course.speakers, one.at))
      .map((one) => mark("speaker", one.at, one.person, one.name, one.title)),
    ...course.votes
      .filter((one) => one.at >= first && one.at < last)
      .map((one) => mark("vote", one.at, one.ballot, one.question, one.state)),
  ].sort((a, b) => a.position - b.position);
}

/** Hours, minutes and seconds of a position. */
export function clockText(position: number): string {
  const seconds = Math.floor(position / 1000);
  const two = (number: number): string => String(number).padStart(2, "0");
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}
