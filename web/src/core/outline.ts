/** A paper's own table of contents. Pure. */

/** One of its lines: how deep it stands, from 1, and the page it leads to. */
export interface OutlineEntry {
  readonly level: number;
  readonly title: string;
  readonly page: number;
}

/** Which line the page belongs to: the last one that begins on it or before it; −1 before the first. */
export function entryAt(entries: readonly OutlineEntry[], page: number): number {
  return entries.findLastIndex((entry) => entry.page <= page);
}

/** What a kept answer says; nothing of one that says something else. */
export function outlineFrom(raw: unknown): readonly OutlineEntry[] {
  const { entries } = (raw ?? {}) as { entries?: unknown };
  return Array.isArray(entries) ? (entries as readonly OutlineEntry[]) : [];
}
