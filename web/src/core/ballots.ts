/** What a ballot asks and what came of it, for one who votes and for those who read the result. Pure. */
import type { Ballot, Chosen, Meeting, Member, Option } from "../wire/types";
import { byPrecedence, currentItem, holderOf, openBallot, votesNow } from "./standing";

/** What stands for a secret choice once it is cast: that somebody has voted is known, what is not. */
export const VOTED = "?";
/** The ways to vote, in the order in which they are offered. */
const METHODS = ["open", "named", "secret", "hands", "paper"] as const satisfies readonly Ballot["method"][];
/** The ways to fill so many places: hands are counted for one option, several are chosen on a ballot. */
export function methodsFor(places: number): Ballot["method"][] {
  return METHODS.filter((one) => one !== "hands" || places === 1);
}
/** The ways to vote once more in the place of a voided ballot: what was secret stays so. As `AskVoid` on the server. */
export function methodsAgain({ method, places }: Pick<Ballot, "method" | "places">): Ballot["method"][] {
  return methodsFor(places).filter((one) => method !== "secret" || one === "secret" || one === "paper");
}
/** Fewer voters than these have no secret ballot; as `LEAST_SECRET` on the server. */
export const LEAST_SECRET = 5;

/** The options of a choice: "c1,c3" names two, "" none. */
export function keysOf(choice: string): string[] {
  return choice === "" || choice === VOTED ? [] : choice.split(",");
}

/** A choice as the server writes it: in the ballot's own order. */
export function joined(ballot: Ballot, keys: readonly string[]): string {
  return ballot.options
    .map(({ key }) => key)
    .filter((key) => keys.includes(key))
    .join(",");
}

/** What makes every secret vote of a ballot equally long on the line, whatever was chosen. */
export function padding(ballot: Ballot, choice: string): string {
  const longest = ballot.options.map(({ key }) => key.length).sort((a, b) => b - a);
  const room = longest.slice(0, ballot.places).reduce((sum, length) => sum + length + 1, 0);
  return "x".repeat(Math.max(0, room - choice.length));
}

/** Whether a tap is the vote itself: one answer, which can be changed until the ballot is closed. */
export function votesByTap(ballot: Ballot): boolean {
  return ballot.kind === "question" && ballot.method !== "secret";
}

/** Whether members vote on their own devices. */
export function onTablets(ballot: Ballot): boolean {
  return ["open", "named", "secret"].includes(ballot.method);
}

/** The selection after one more tap: a single answer moves, several are put in and taken out up to the places. */
export function picked(ballot: Ballot, before: readonly string[], key: string): string[] {
  if (before.includes(key)) return before.filter((one) => one !== key);
  return ballot.places === 1 ? [key] : before.length < ballot.places ? [...before, key] : [...before];
}

/** Of how many the majority is taken. */
export function basisOf(ballot: Ballot): number {
  return ballot.basis === "all" ? ballot.of_all : Object.keys(ballot.electorate).length;
}

/** One line of a result. */
export interface Line {
  readonly option: Option;
  readonly votes: number;
  /** Per cent of the basis, 0 to 100. */
  readonly share: number;
  readonly standing: "won" | "tied" | "";
}

/** The options of a choice or an election, the most votes first; in the list's order where votes are even. */
export function ranked(ballot: Ballot, tally: Readonly<Record<string, number>>, chosen: Chosen | null): Line[] {
  const all = basisOf(ballot);
  const lines = ballot.options.map((option): Line => {
    const votes = tally[option.key] ?? 0;
    const standing = chosen?.elected.includes(option.key) ? "won" : chosen?.tied.includes(option.key) ? "tied" : "";
    return { option, votes, share: all > 0 ? (100 * votes) / all : 0, standing };
  });
  return lines.sort((a, b) => b.votes - a.votes);
}

/** Who chose an option, in order of precedence: only where names were announced. */
export function namesFor(meeting: Meeting, ballot: Ballot, key: string): string[] {
  const voters = Object.entries(ballot.votes).filter(([, choice]) => keysOf(choice).includes(key));
  const members = voters.map(([mandate]) => meeting.members[mandate]).filter((one): one is Member => one !== undefined);
  return byPrecedence(members).map((one) => one.name);
}

/** The voters of an open ballot who have not voted, in order of precedence; `voted` is known to the desk alone. */
export function notYet(meeting: Meeting, ballot: Ballot, voted: readonly string[]): Member[] {
  const missing = Object.keys(ballot.electorate).filter((mandate) => !voted.includes(mandate));
  return byPrecedence(missing.map((mandate) => meeting.members[mandate]).filter((one): one is Member => Boolean(one)));
}

/** The ballot that is about to open: everybody is asked whether they are ready. */
export function calledBallot(meeting: Meeting): Ballot | null {
  return Object.values(meeting.ballots).find(({ state, called_at }) => state === "planned" && called_at > 0) ?? null;
}

/** The ballot somebody is asked about: the open one where they have a vote, else the one called where they will have. */
export function askedAbout(meeting: Meeting, person: string): Ballot | null {
  if (openBallot(meeting)) return votesNow(meeting, person) ? openBallot(meeting) : null;
  const holds = Object.values(meeting.members).some((one) => one.mandate && holderOf(meeting, one)?.id === person);
  return holds ? calledBallot(meeting) : null;
}

/** The ballot of the current item that was voided last: what was announced of it does not count any more. */
export function lastVoided(meeting: Meeting): Ballot | null {
  const item = currentItem(meeting)?.id;
  const voided = Object.values(meeting.ballots).filter((one) => one.item === item && one.state === "void");
  return voided.sort((a, b) => (b.voided?.at ?? 0) - (a.voided?.at ?? 0))[0] ?? null;
}

/** Own votes (ballot → mandate → option) with some more, which are newer. */
export function withVotes<Votes extends Readonly<Record<string, Readonly<Record<string, string>>>>>(
  votes: Votes,
  more: Votes,
): Votes {
  const both = Object.entries(more).map(([ballot, cast]) => [ballot, { ...votes[ballot], ...cast }] as const);
  return { ...votes, ...Object.fromEntries(both) };
}
