/** The recording of a meeting: what a player needs, its files, its film. */
import type { Course, Recorded } from "../core/playback";
import { ask } from "./http";

export type FilmState = "" | "waiting" | "working" | "done" | "failed";

export interface Playback {
  readonly title: string;
  readonly course: Course;
  readonly kept: {
    readonly recorded: Recorded;
    readonly film: FilmState;
    readonly percent: number;
    /** Size of the film. */
    readonly octets: number;
  };
  /** Whether this person may have a film made. */
  readonly steers: boolean;
}

const base = (meeting: string): string => `/api/meetings/${encodeURIComponent(meeting)}/recording`;

export function readRecording(meeting: string): Promise<Playback> {
  return ask<Playback>("GET", base(meeting));
}

export function fileUrl(meeting: string, file: string): string {
  return `${base(meeting)}/${encodeURIComponent(file)}`;
}

/** The film to be saved on this device. */
export function filmUrl(meeting: string): string {
  return `${base(meeting)}/film.mp4?save=1`;
}

/** Delete everything for good; the log keeps who did it and why. */
export async function deleteRecording(meeting: string, reason: string, id: string): Promise<void> {
  const command = { type: "recording.delete", reason } as const;
  await ask("POST", `/api/meetings/${encodeURIComponent(meeting)}/commands`, { body: { id, command } });
}

export async function wantFilm(meeting: string, wanted: boolean): Promise<void> {
  await ask(wanted ? "POST" : "DELETE", `${base(meeting)}/film`);
}
