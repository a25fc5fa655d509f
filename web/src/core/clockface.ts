/** What a countdown shows. */

export interface Face {
  /** Minutes and seconds, "07:42"; hours only when needed, "1:07:42". */
  readonly text: string;
  /** More than two minutes left, two or fewer, or beyond the end and counting up. */
  readonly mood: "calm" | "soon" | "over";
}

const SOON_MS = 120_000;

const two = (value: number): string => String(value).padStart(2, "0");

/** Seconds as "07:42" or "1:07:42". */
export function inFigures(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** The face for so many milliseconds left; negative is overtime. A second that has begun counts until it is over. */
export function clockFace(left: number): Face {
  if (left <= 0) return { text: inFigures(Math.floor(-left / 1000)), mood: "over" };
  return { text: inFigures(Math.ceil(left / 1000)), mood: left <= SOON_MS ? "soon" : "calm" };
}
