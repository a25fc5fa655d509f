/** The sites' lines as the technician's board shows them: order, counts, words for figures. Pure. */
import type { Tick } from "./ring";
import { dayOf } from "./calendar";
import { sitesInOrder } from "./prepare";
import type { Meeting, Site } from "../wire/types";

export type LineWord = "good" | "weak" | "again" | "absent" | "lost" | "voice";

export type AlarmKind =
  | "lost"
  | "again"
  | "silent"
  | "no_microphone"
  | "loss"
  | "one_way"
  | "unstable"
  | "rtt"
  | "narrow"
  | "no_picture"
  | "cpu"
  | "absent";

/** As `Alarm` on the server. */
export interface LineAlarm {
  readonly kind: AlarmKind;
  /** 3: nobody is there, 2: something must be done, 1: somebody should look. */
  readonly severity: number;
  readonly since: number;
  readonly value: number;
}

/** As `Row` on the server: losses in per mille, rates in bits a second, level in percent (−1: not measured). */
export interface LineRow {
  readonly site: string;
  readonly state: LineWord;
  readonly alarms: readonly LineAlarm[];
  readonly up_loss: number;
  readonly down_loss: number;
  readonly rtt_ms: number;
  readonly up_bps: number;
  readonly down_bps: number;
  readonly layer: "" | "l" | "m" | "h";
  readonly level: number;
  readonly open: boolean;
  readonly microphone: string;
  readonly camera: "" | "on" | "off" | "missing" | "refused" | "stopped" | "audio_only";
  readonly limited: "" | "cpu" | "bandwidth";
  readonly audio_only: boolean;
  readonly drops: number;
  readonly dropped_at: number;
  readonly gone_at: number;
  readonly heard: number;
}

/** A site of the meeting with its line; null before the first word about it. */
export interface SiteLine {
  readonly site: Site;
  readonly number: number;
  readonly row: LineRow | null;
}

export function siteLines(meeting: Meeting, rows: readonly LineRow[]): SiteLine[] {
  const known = new Map(rows.map((row) => [row.site, row]));
  return sitesInOrder(meeting).map((site, at) => ({ site, number: at + 1, row: known.get(site.id) ?? null }));
}

export interface Trouble {
  readonly line: SiteLine;
  readonly alarm: LineAlarm;
  /** What else is wrong there. */
  readonly others: readonly LineAlarm[];
}

/** One card a site, the gravest first, then the oldest; sites that never came stand together at the end. */
export function troubles(lines: readonly SiteLine[]): Trouble[] {
  const found = lines.flatMap((line): Trouble[] => {
    const [alarm, ...others] = line.row?.alarms ?? [];
    return alarm ? [{ line, alarm, others }] : [];
  });
  const rank = ({ alarm }: Trouble): number => (alarm.kind === "absent" ? 9 : 3 - alarm.severity);
  return found.sort((a, b) => rank(a) - rank(b) || a.alarm.since - b.alarm.since || a.line.number - b.line.number);
}

export interface LineCounts {
  readonly good: number;
  readonly look: number;
  readonly lost: number;
  readonly absent: number;
}

/** good: nothing to say; look: an alarm, or coming back; lost and absent: not there. */
export function counts(lines: readonly SiteLine[]): LineCounts {
  const words = lines.map(mood);
  const count = (wanted: string): number => words.filter((word) => word === wanted).length;
  return { good: count("good"), look: count("look"), lost: count("lost"), absent: count("absent") };
}

/** Those of the good ones that are there by telephone: neither seen nor with a line. */
export function byTelephone(lines: readonly SiteLine[]): number {
  return lines.filter((line) => line.row?.state === "voice" && mood(line) === "good").length;
}

export function mood({ row }: SiteLine): keyof LineCounts {
  if (row === null || row.state === "absent") return "absent";
  if (row.state === "lost") return "lost";
  return (row.state === "good" || row.state === "voice") && row.alarms.length === 0 ? "good" : "look";
}

const TICKS: Record<keyof LineCounts, Tick> = { good: "on", look: "weak", lost: "lost", absent: "off" };

export function lineTicks(lines: readonly SiteLine[]): Tick[] {
  return lines.map((line) => TICKS[mood(line)]);
}

/** Whether anything arrives from there over the network. */
export function isThere(row: LineRow | null): boolean {
  return row !== null && (row.state === "good" || row.state === "weak");
}

/** "0,2" of per mille: percent as it is written here. */
export function percentOf(perMille: number): string {
  return (perMille / 10).toFixed(1).replace(".", ",");
}

/** "2,4" of bits a second: Mb/s. */
export function megabits(bps: number): string {
  return (bps / 1_000_000).toFixed(1).replace(".", ",");
}

/** "9 giờ 41". */
export function hourOf(at: number): string {
  const [hour = "", minute = ""] = dayOf(at).hour.split(":");
  return `${Number(hour)} giờ ${minute}`;
}

/** Seconds below two minutes, else minutes. */
export function lasting(milliseconds: number): { readonly unit: "seconds" | "minutes"; readonly count: number } {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return seconds < 120 ? { unit: "seconds", count: seconds } : { unit: "minutes", count: Math.floor(seconds / 60) };
}

/** What helps first: the button that is filled. */
export function firstAid(
  alarm: LineAlarm,
  row: LineRow,
  telephone: string,
): "call" | "audio_only" | "reconnect" | "mute" {
  if ((alarm.kind === "loss" || alarm.kind === "narrow") && !row.audio_only) return "audio_only";
  if (alarm.kind === "silent" && row.open) return telephone ? "call" : "mute";
  if (alarm.kind === "one_way" || alarm.kind === "no_picture") return "reconnect";
  return telephone ? "call" : "reconnect";
}
