/** What the tellers counted in the hall, checked as `server/meetings/counting.py` checks it. Pure. */
import type { Ballot, EnterResult, RecordCount } from "../wire/types";

/** What is typed from the tellers' sheet: votes by option, and for paper the papers themselves. */
export interface Figures {
  readonly tally: Readonly<Record<string, string>>;
  readonly issued: string;
  readonly returned: string;
  readonly invalid: string;
}

export const NO_FIGURES: Figures = { tally: {}, issued: "", returned: "", invalid: "" };

export interface Count {
  readonly numbers: Counted;
  readonly cast: number;
  readonly wrong: ReturnType<typeof whyNot>;
}

type Counted = Pick<RecordCount, "tally"> & { issued: number; returned: number; invalid: number };

/** What was typed for a vote taken this way: the numbers, why they do not add up, and how many voted. */
export function count(ballot: Ballot, figures: Figures, method: Ballot["method"], electorate: number): Count {
  const numbers = counted(ballot, figures);
  const cast = method === "paper" ? numbers.returned : total(numbers.tally);
  return { numbers, cast, wrong: whyNot(method, numbers, electorate) };
}

/** The figures as numbers; what is empty counts as none. */
export function counted(ballot: Ballot, figures: Figures): Counted {
  const tally = Object.fromEntries(ballot.options.map(({ key }) => [key, whole(figures.tally[key])]));
  return {
    tally,
    issued: whole(figures.issued),
    returned: whole(figures.returned),
    invalid: whole(figures.invalid),
  };
}

export function total(tally: Readonly<Record<string, number>>): number {
  return Object.values(tally).reduce((sum, count) => sum + count, 0);
}

/** Why the figures do not add up, as the server would refuse them: a code and its figures; null when they do. */
export function whyNot(
  method: Ballot["method"],
  { tally, issued, returned, invalid }: Counted,
  electorate: number,
): { code: string; details: Record<string, number> } | null {
  const sum = total(tally);
  if (method !== "paper")
    return sum > electorate ? { code: "ballot.more_than_electorate", details: { total: sum, electorate } } : null;
  if (issued > electorate) return { code: "ballot.more_issued_than_electorate", details: { issued, electorate } };
  if (returned > issued) return { code: "ballot.more_returned_than_issued", details: { returned, issued } };
  if (sum + invalid === returned) return null;
  return { code: "ballot.papers_do_not_add_up", details: { total: sum, invalid, returned } };
}

/** Whether as many stand for the question as against it: then the chair's own vote decides, where the type says so. */
export function chairDecides(ballot: Ballot, tally: Readonly<Record<string, number>>): boolean {
  return ballot.tie === "chair" && isEven(ballot, tally);
}

export function isEven(ballot: Ballot, tally: Readonly<Record<string, number>>): boolean {
  const yes = tally[ballot.carries] ?? 0;
  return yes > 0 && yes === (tally[ballot.against] ?? 0);
}

/** The command for a ballot that is open here and counted in the hall. */
export function recording(ballot: Ballot, figures: Counted, chair: string): RecordCount {
  const { tally, ...papers } = figures;
  const choice = chairDecides(ballot, tally) ? chair : "";
  return { type: "ballot.record", ballot: ballot.id, tally, chair_choice: choice, ...forMethod(ballot.method, papers) };
}

/** How and when a vote was taken while the system was away. */
export interface Taken {
  readonly method: EnterResult["method"];
  readonly at: number;
  readonly reason: string;
}

/** The command for a vote that was taken while the system was away. */
export function entering(ballot: Ballot, figures: Counted, chair: string, taken: Taken): EnterResult {
  const { tally, ...papers } = figures;
  return {
    type: "ballot.enter",
    ballot: ballot.id,
    method: taken.method,
    tally,
    taken_at: taken.at,
    reason: taken.reason,
    chair_choice: chairDecides(ballot, tally) ? chair : "",
    ...forMethod(taken.method, papers),
  };
}

function forMethod<T>(method: Ballot["method"], papers: T): Partial<T> {
  return method === "paper" ? papers : {};
}

function whole(typed: string | undefined): number {
  return Math.max(0, Number.parseInt(typed ?? "", 10) || 0);
}
