/** The minutes as they travel and as they are compared: no editor, no page. */

/** A node of the editor's document as JSON, as the server keeps it in revisions. */
export interface MinutesNode {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly content?: readonly MinutesNode[];
  readonly text?: string;
}

export interface MinutesRun {
  readonly text: string;
  readonly bold?: boolean;
  readonly italic?: boolean;
}

/** A paragraph the server drafted from an event of the meeting. */
export interface MinutesBlock {
  readonly runs: readonly MinutesRun[];
  readonly id?: string;
  readonly event?: number;
  readonly kind?: string;
  readonly level?: number;
  readonly at?: number;
}

/** News for the minutes: a drafted paragraph that is new, has changed, was taken back, or was removed from the text. */
export interface MinutesPiece {
  readonly what: "new" | "changed" | "gone" | "removed";
  readonly id: string;
  readonly block?: MinutesBlock;
}

/** A kept state of the text. */
export interface MinutesRevision {
  readonly version: number;
  readonly at: number;
  readonly by: string;
  readonly name: string;
  readonly reason: string;
  readonly label: string;
}

/** One paragraph of a comparison. */
export interface MinutesChange {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

const VIETNAM_MS = 7 * 3_600_000;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The hour on a clock in Vietnam, "09:12"; empty for an event without a time. */
export function hourOf(at: number | undefined): string {
  return at ? new Date(at + VIETNAM_MS).toISOString().slice(11, 16) : "";
}

/** The day and hour in Vietnam, "15/10 09:12". */
export function dayAndHourOf(at: number): string {
  const [, month, day] = new Date(at + VIETNAM_MS).toISOString().slice(0, 10).split("-");
  return `${day}/${month} ${hourOf(at)}`;
}

/** The words of a drafted paragraph. */
export function wordsOf(block: MinutesBlock | undefined): string {
  return block?.runs.map((run) => run.text).join("") ?? "";
}

/** The news as people count them: an event may give several paragraphs, and who came is absent no more. */
export function eventsOf(news: readonly MinutesPiece[]): MinutesPiece[] {
  const whose = ({ id, block }: MinutesPiece): string =>
    /^(?:present|absent):(.+)$/.exec(id)?.[1] ?? `${block?.event ?? id}`;
  return [...new Map(news.map((piece) => [whose(piece), piece])).values()];
}

/** The document's paragraphs as lines of text; empty ones are left out. */
export function linesOf(content: readonly MinutesNode[]): string[] {
  return content.flatMap((node) => {
    if (node.content?.some((inner) => inner.type !== "text" && inner.type !== "hardBreak"))
      return linesOf(node.content);
    const line = (node.content ?? []).map((part) => part.text ?? " ").join("");
    return line.trim() === "" ? [] : [line];
  });
}

/** What changed between two texts, paragraph by paragraph; what went stands before what came. */
export function compare(before: readonly string[], after: readonly string[]): MinutesChange[] {
  const common = commonLengths(before, after);
  const changes: MinutesChange[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const old = before[i];
    const fresh = after[j];
    if (old !== undefined && old === fresh) {
      changes.push({ kind: "same", text: old });
      i += 1;
      j += 1;
    } else if (old !== undefined && (fresh === undefined || at(common, i + 1, j) >= at(common, i, j + 1))) {
      changes.push({ kind: "gone", text: old });
      i += 1;
    } else {
      changes.push({ kind: "new", text: fresh ?? "" });
      j += 1;
    }
  }
  return changes;
}

/** common[i][j]: how many paragraphs `before` from i on and `after` from j on share, in order. */
function commonLengths(before: readonly string[], after: readonly string[]): Uint16Array[] {
  const table = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const longest = Math.max(at(table, i + 1, j), at(table, i, j + 1));
      table[i]?.set([before[i] === after[j] ? at(table, i + 1, j + 1) + 1 : longest], j);
    }
  }
  return table;
}

const at = (table: readonly Uint16Array[], i: number, j: number): number => table[i]?.[j] ?? 0;

/** Bytes as base64 (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const [first = 0, second, third] = bytes.subarray(index, index + 3);
    const bits = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    const figures = [18, 12, 6, 0].map((shift) => DIGITS[(bits >> shift) & 63]);
    if (third === undefined) figures[3] = "=";
    if (second === undefined) figures[2] = "=";
    text += figures.join("");
  }
  return text;
}

/** Base64 as bytes; characters that are no digits end it. */
export function fromBase64(text: string): Uint8Array {
  const length = text.indexOf("=") === -1 ? text.length : text.indexOf("=");
  const bytes = new Uint8Array((length * 3) >> 2);
  let bits = 0;
  for (let index = 0, place = 0; index < length; index += 1) {
    bits = ((bits << 6) | DIGITS.indexOf(text[index] ?? "")) & 0xffffff;
    if (index % 4 > 0) bytes[place++] = (bits >> (6 - 2 * (index % 4))) & 255;
  }
  return bytes;
}
