/** What preparing a meeting asks of the server beside the meeting's own commands. */
import type { LineTest } from "../core/linetest";
import type { Card, RegisteredSite, Shelved, Unit, WayIn } from "../core/prepare";
import { refusalWords } from "../i18n";
import { ask, Problem } from "../wire/http";
import type { Command, Paper } from "../wire/types";

/** People by name and title, typed with or without marks, in order of precedence. */
export function searchPeople(typed: string, unit = ""): Promise<Card[]> {
  return ask<Card[]>("GET", `/api/people?${new URLSearchParams({ search: typed, unit }).toString()}`);
}

export function units(): Promise<Unit[]> {
  return ask<Unit[]>("GET", "/api/units");
}

/** The sites of the province's register, in protocol order. */
export async function registeredSites(): Promise<RegisteredSite[]> {
  return (await ask<{ sites: RegisteredSite[] }>("GET", "/api/sites")).sites;
}

/** The last test of each site's line. */
export async function lineTests(meeting: string): Promise<Readonly<Record<string, LineTest>>> {
  const path = `/api/meetings/${encodeURIComponent(meeting)}/line-tests`;
  return (await ask<{ tests: Readonly<Record<string, LineTest>> }>("GET", path)).tests;
}

/** A link and its QR code, for a site of the meeting or a guest. */
export function wayIn(meeting: string, kind: "site" | "guest", who: string): Promise<WayIn> {
  return ask<WayIn>("POST", `/api/meetings/${encodeURIComponent(meeting)}/invitations`, { body: { kind, who } });
}

/** The guests who sign in with an account of their own, and so need no code; nobody while that cannot be asked. */
export async function guestsWithAccount(meeting: string): Promise<ReadonlySet<string>> {
  const path = `/api/meetings/${encodeURIComponent(meeting)}/invitations`;
  const told = await ask<{ accounts: string[] }>("GET", path).catch(nothingOf({ accounts: [] }));
  return new Set(told.accounts);
}

interface OnShelf {
  readonly id: string;
  readonly version: { readonly broken: number } | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** By paper, how it came through its conversion; nothing while that cannot be asked. */
export async function shelved(meeting: string): Promise<Readonly<Record<string, Shelved>>> {
  const path = `/api/papers?shelf=${encodeURIComponent(meeting)}`;
  const papers = await ask<OnShelf[]>("GET", path).catch(nothingOf<OnShelf[]>([]));
  return Object.fromEntries(papers.map(({ id, version, details }) => [id, { broken: version?.broken ?? 0, details }]));
}

/** Try again to draw the pages of a paper that could not be drawn; the sentence of the refusal, or null. */
export async function redraw(paper: string): Promise<string | null> {
  return ask("POST", `/api/papers/${encodeURIComponent(paper)}/redraw`).then(() => null, refusalWords);
}

/** What a refused question is taken for, where the screen does as well without its answer. */
function nothingOf<T>(nothing: T): (error: unknown) => T {
  return (error) => {
    if (!(error instanceof Problem)) throw error;
    return nothing;
  };
}

/**
 * Change a paper: where it lies, as long as its readers stay. Who may take it along is said first, lest somebody does
 * in between.
 */
export async function changePaper(
  [before, after]: readonly [Paper, Paper],
  papers: readonly Paper[],
  act: (command: Command) => Promise<boolean>,
): Promise<boolean> {
  const { id: paper, title, short, screen_only } = after;
  if (JSON.stringify({ ...before, title, short, screen_only }) !== JSON.stringify(after)) {
    const changed = papers.map((one) => (one.id === paper ? after : one));
    return arrangePapers(papers, changed, act);
  }
  const restricted = before.screen_only === screen_only || (await act({ type: "paper.restrict", paper, screen_only }));
  const isNamed = before.title === title && before.short === short;
  return restricted && (isNamed || act({ type: "paper.rename", paper, title, short }));
}

/**
 * Change a paper's words or readers, or the order of an item's papers: from the first that differs on they are taken
 * off and put on again, since an attached paper is a fact of the log and papers stand in the order they were attached.
 */
export async function arrangePapers(
  before: readonly Paper[],
  after: readonly Paper[],
  act: (command: Command) => Promise<boolean>,
): Promise<boolean> {
  const from = after.findIndex((paper, at) => JSON.stringify(paper) !== JSON.stringify(before[at]));
  if (from < 0) return true;
  const moved = after.slice(from);
  for (const { id } of moved) if (!(await act({ type: "paper.detach", paper: id }))) return false;
  for (const { id, item, title, short, kind, readers, named, screen_only } of moved) {
    const words = { item, title, short, kind };
    const attached = await act({ type: "paper.attach", paper: id, ...words, readers, named, screen_only });
    if (!attached) return false;
  }
  return true;
}
