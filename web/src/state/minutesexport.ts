/** Before minutes are taken away: what they lack of the meeting, and what becomes of that. */
import type { MinutesPiece } from "../core/minutes";
import type { Answer } from "../wire/commands";
import { ask } from "../wire/http";
import { errorText } from "../i18n";
import { line } from "./line";

export type Settling = "minutes.insert" | "minutes.dismiss";

/** What an export would lack. None where it cannot be asked now: exporting itself then says why. */
export async function missingIn(meeting: string): Promise<readonly MinutesPiece[]> {
  try {
    const path = `/api/meetings/${encodeURIComponent(meeting)}/minutes/missing`;
    return (await ask<{ missing: MinutesPiece[] }>("GET", path)).missing;
  } catch {
    return [];
  }
}

/** Put these pieces into the minutes, or decide that they stay out. The sentence of a refusal; empty when done. */
export async function settleMissing(meeting: string, how: Settling, blocks: readonly string[]): Promise<string> {
  const answer: Answer = await line().command(`minutes:${meeting}`, { type: how, blocks });
  // Somebody else did the same a moment earlier.
  return answer.ok || answer.code === "minutes.no_news" ? "" : errorText(answer.code ?? "", answer.details);
}
