/** Where the server keeps the images and words of a paper's pages. Addresses never change their content. */

/** A page of one version of a paper; pages count from 1. */
export interface PageRef {
  readonly version: string;
  readonly page: number;
}

/** Widths in pixels that the server draws. The smallest is the thumbnail. */
export const PAGE_WIDTHS = [240, 480, 960, 1440, 2160, 2880] as const;
export type PageWidth = (typeof PAGE_WIDTHS)[number];

export const THUMBNAIL: PageWidth = 240;

export function imageUrl(ref: PageRef, width: PageWidth): string {
  return `/pages/${ref.version}/${ref.page}/${width}.webp`;
}

export function textUrl(ref: PageRef): string {
  return `/pages/${ref.version}/${ref.page}/text.json`;
}

export function sizesUrl(version: string): string {
  return `/pages/${version}/sizes.json`;
}

/** The paper's own table of contents. */
export function outlineUrl(version: string): string {
  return `/pages/${version}/outline.json`;
}

/**
 * The smallest image that is sharp where a whole page is `shown` CSS pixels wide on a screen of `ratio` device pixels
 * each. A tenth too few pixels cannot be seen and spares a step; beyond the largest there is nothing sharper.
 */
export function sharpWidth(shown: number, ratio: number): PageWidth {
  const needed = shown * ratio * 0.9;
  return PAGE_WIDTHS.find((width) => width > THUMBNAIL && width >= needed) ?? 2880;
}

/** A page number kept inside a paper of `pages` pages. */
export function clampPage(page: number, pages: number): number {
  return Math.min(Math.max(1, Math.round(page)), Math.max(1, pages));
}
