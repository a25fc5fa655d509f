/** Somebody's own papers, as the server tells of them and as the page reader takes them. Pure. */
import type { Paper } from "../wire/types";
import { shortTitle, titleOfFile } from "./prepare";

/** One of my papers. */
export interface OwnPaper {
  readonly id: string;
  /** The file's name, with its ending. */
  readonly name: string;
  readonly state: "received" | "converting" | "checking" | "ready" | "refused";
  /** Why it was refused. */
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly version: OwnVersion | null;
}

export interface OwnVersion {
  readonly id: string;
  /** Width and height of each page, in points. */
  readonly sizes: readonly (readonly [number, number])[];
  readonly rendered: number;
  /** Pages that could not be drawn. */
  readonly broken: number;
}

/** My folder. */
export interface Shelved {
  readonly papers: readonly OwnPaper[];
  readonly octets: number;
  readonly most_papers: number;
  readonly most_octets: number;
}

const WORKING: readonly string[] = ["received", "converting", "checking"];

/** Whether the server is still at work on it: what is said of it will change. */
export function isWorking(paper: OwnPaper): boolean {
  return WORKING.includes(paper.state) || (paper.version !== null && pagesLeft(paper.version) > 0);
}

function pagesLeft({ sizes, rendered, broken }: OwnVersion): number {
  return sizes.length - rendered - broken;
}

export function titleOf(paper: OwnPaper): string {
  return titleOfFile(paper.name) || paper.name;
}

/** As a paper of a meeting looks to the page reader; on no item, and for nobody else. */
export function asPaper(own: OwnPaper): Paper | null {
  if (own.version === null) return null;
  const title = titleOf(own);
  return {
    id: own.id,
    item: "",
    title,
    short: shortTitle(title),
    kind: "",
    state: "ready",
    problem: "",
    version: own.version.id,
    pages: own.version.sizes.length,
    readers: "all",
    named: [],
    screen_only: false,
  };
}

/** Those that can be read, by their ids. */
export function readable(papers: readonly OwnPaper[]): Readonly<Record<string, Paper>> {
  const found = papers.flatMap((own) => asPaper(own) ?? []);
  return Object.fromEntries(found.map((paper) => [paper.id, paper]));
}

/** Versions that were there before and are not any more: nothing of them stays on the device. */
export function versionsRemoved(before: readonly OwnPaper[], now: readonly OwnPaper[]): string[] {
  const left = new Set(now.map(({ version }) => version?.id));
  return before.flatMap(({ version }) => (version && !left.has(version.id) ? [version.id] : []));
}

/** Megabytes, rounded up so that what is there never looks like nothing. */
export function megabytes(octets: number): number {
  return Math.ceil(octets / (1 << 20));
}

/** Endings of the names of files that are taken. */
export const OFFICE_FILES = ".pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp,.doc,.xls,.ppt";
