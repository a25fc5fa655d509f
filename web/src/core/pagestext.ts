/** The words on a page: where they stand, and where a searched text is. */

export type Word = readonly [x0: number, y0: number, x1: number, y1: number, text: string];

/** A page's text layer as the server sends it; lengths in points. */
export interface PageText {
  readonly width: number;
  readonly height: number;
  readonly words: readonly Word[];
}

/** From the first to the last word of something found, both included. */
export interface Found {
  readonly first: number;
  readonly last: number;
}

/** Small letters without marks: "Đồng Nai" → "dong nai". */
export function folded(text: string): string {
  return text.normalize("NFC").toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/\p{M}/gu, "");
}

const plain = (text: string): string => text.normalize("NFC").toLowerCase();

/**
 * Every place where the query stands, words compared from the beginning of the first to a beginning of the last.
 * A query without marks finds words with any marks; one with marks finds only those.
 */
export function search(words: readonly Word[], query: string): Found[] {
  const fold = plain(query) === folded(query) ? folded : plain;
  const wanted = fold(query).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  const given = words.map((word) => fold(word[4]).replace(/^[("“‘[«]+/, ""));
  const stands = (at: number): boolean =>
    wanted.every((word, step) => {
      const there = given[at + step] ?? "";
      return step === wanted.length - 1
        ? there.startsWith(word)
        : there.replace(/[.,;:!?)”’\]»]+$/, "") === word.replace(/[.,;:]+$/, "");
    });
  return given.flatMap((_, at) => (stands(at) ? [{ first: at, last: at + wanted.length - 1 }] : []));
}
