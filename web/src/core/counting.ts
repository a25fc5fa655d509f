/** What the tellers counted in the hall, checked as `server/meetings/counting.py` checks it. Pure. */
import type { Ballot, EnterResult, RecordCount } from "../wire/types";

/** What is typed from the tellers' sheet: votes by option, and for paper the papers themselves. */
export interface Figures {
  readonly tally: Readonly<Record<string, string>>;
  readonly issued: string;
  readonly returned: string;
  readonly invalid: string;
  readonly blank: string;
  /** Mandate → option, where a show of hands is written down by name; empty: only counted. */
  readonly votes: Readonly<Record<string, string>>;
}

export const NO_FIGURES: Figures = { tally: {}, issued: "", returned: "", invalid: "", blank: "", votes: {} };

export interface Count {
  readonly numbers: Counted;
  readonly cast: number;
  readonly wrong: ReturnType<typeof whyNot>;
}

type Counted = Pick<RecordCount, "tally"> & {
  readonly issued: number;
  readonly returned: number;
  readonly invalid: number;
  readonly blank: number;
  readonly votes: Readonly<Record<string, string>>;
};

/** Whether nothing was typed yet: a vote that nobody took part in is entered with a nought. */
export function untyped({ tally, votes, ...papers }: Figures): boolean {
  return [...Object.values(tally), ...Object.values(votes), ...Object.values(papers)].every((one) => one === "");
}

/** What was typed for a vote taken this way: the numbers, why they do not add up, and how many voted. */
export function count(ballot: Ballot, figures: Figures, method: Ballot["method"], electorate: number): Count {
  const numbers = counted(ballot, figures);
  const cast = method === "paper" ? numbers.returned : total(numbers.tally);
  return { numbers, cast, wrong: whyNot(ballot, method, numbers, electorate) };
}

/** The figures as numbers; what is empty counts as none. */
export function counted(ballot: Ballot, figures: Figures): Counted {
  const named = Object.values(figures.votes);
  const raised = (key: string): number => named.filter((one) => one === key).length;
  const tally = Object.fromEntries(
    ballot.options.map(({ key }) => [key, named.length > 0 ? raised(key) : whole(figures.tally[key])]),
  );
  return {
    tally,
    issued: whole(figures.issued),
    returned: whole(figures.returned),
    invalid: whole(figures.invalid),
    blank: ballot.kind === "question" ? 0 : whole(figures.blank),
    votes: figures.votes,
  };
}

export function total(tally: Readonly<Record<string, number>>): number {
  return Object.values(tally).reduce((sum, count) => sum + count, 0);
}

/** Why the figures do not add up, as the server would refuse them: a code and its figures; null when they do. */
export function whyNot(
  ballot: Ballot,
  method: Ballot["method"],
  { tally, issued, returned, invalid, blank }: Counted,
  electorate: number,
): { code: string; details: Record<string, number> } | null {
  const sum = total(tally);
  if (method !== "paper")
    return sum > electorate ? { code: "ballot.more_than_electorate", details: { total: sum, electorate } } : null;
  if (issued > electorate) return { code: "ballot.more_issued_than_electorate", details: { issued, electorate } };
  if (returned > issued) return { code: "ballot.more_returned_than_issued", details: { returned, issued } };
  if (ballot.places > 1) return several(ballot, tally, returned - invalid - blank);
  if (sum + invalid + blank === returned) return null;
  return { code: "ballot.papers_do_not_add_up", details: { total: sum, invalid: invalid + blank, returned } };
}

/** Papers on which several may be chosen: nobody has more votes than there are papers with a name on them. */
function several(ballot: Ballot, tally: Readonly<Record<string, number>>, named: number): ReturnType<typeof whyNot> {
  const [sum, most] = [total(tally), Math.max(...Object.values(tally))];
  if (named >= 0 && most <= named && named <= sum && sum <= named * ballot.places) return null;
  return { code: "ballot.more_votes_than_papers", details: { total: sum, most, named: Math.max(named, 0) } };
}

/** Whether as many stand for the question as against it: then the chair's own vote decides, where the type says so. */
export function chairDecides(ballot: Ballot, tally: Readonly<Record<string, number>>): boolean {
  return ballot.tie === "chair" && isEven(ballot, tally);
}

export function isEven(ballot: Ballot, tally: Readonly<Record<string, number>>): boolean {
  if (ballot.kind !== "question") return false;
  const yes = tally[ballot.carries] ?? 0;
  return yes > 0 && yes === (tally[ballot.against] ?? 0);
}

/** The command for a ballot that is open here and counted in the hall. */
export function recording(ballot: Ballot, figures: Counted, chair: string): RecordCount {
  const { tally, votes, ...papers } = figures;
  const choice = chairDecides(ballot, tally) ? chair : "";
  const named = Object.keys(votes).length > 0 ? { votes } : {};
  const record = { type: "ballot.record", ballot: ballot.id, tally, chair_choice: choice } as const;
  return { ...record, ...named, ...forMethod(ballot, ballot.method, papers) };
}

/** How and when a vote was taken while the system was away. */
export interface Taken {
  readonly method: EnterResult["method"];
  readonly at: number;
  readonly reason: string;
}

/** The command for a vote that was taken while the system was away. */
export function entering(ballot: Ballot, figures: Counted, chair: string, taken: Taken): EnterResult {
  const { tally, issued, returned, invalid, blank } = figures;
  return {
    type: "ballot.enter",
    ballot: ballot.id,
    method: taken.method,
    tally,
    taken_at: taken.at,
    reason: taken.reason,
    chair_choice: chairDecides(ballot, tally) ? chair : "",
    ...forMethod(ballot, taken.method, { issued, returned, invalid, blank }),
  };
}

/** The papers, where it was voted on paper; blank ones where the ballot knows such. */
function forMethod<T extends { blank: number }>(ballot: Ballot, method: Ballot["method"], papers: T): Partial<T> {
  if (method !== "paper") return {};
  const { blank, ...others } = papers;
  return (ballot.kind === "question" ? others : { ...others, blank }) as Partial<T>;
}

function whole(typed: string | undefined): number {
  return Math.max(0, Number.parseInt(typed ?? "", 10) || 0);
}
