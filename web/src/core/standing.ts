/** What a screen asks of the meeting: who is there, who speaks, what I may vote on. Pure. */
import type { Ballot, Item, Meeting, Member, Paper, Request } from "../wire/types";
import type { Tick } from "./ring";

/** Voting members, those of them present, and how many are needed; as `quorum` on the server. */
export interface Quorum {
  readonly present: number;
  readonly needed: number;
  readonly all: number;
  readonly reached: boolean;
}

export function isPresent(member: Member): boolean {
  return ["room", "site", "online"].includes(member.attendance.state);
}

/** Who holds a member's vote now; null when nobody does. */
export function holderOf(meeting: Meeting, member: Member): Member | null {
  if (!member.substituted_by) return member;
  return meeting.rules.substitutes_vote ? (meeting.members[member.substituted_by] ?? null) : null;
}

export function quorum(meeting: Meeting): Quorum {
  const voting = votingMembers(meeting);
  const present = voting.filter((member) => {
    const holder = holderOf(meeting, member);
    return holder !== null && isPresent(holder);
  }).length;
  const needed = Math.ceil((voting.length * meeting.rules.quorum_of) / meeting.rules.quorum_per);
  return { present, needed, all: voting.length, reached: present >= needed };
}

/** In order of precedence, the order of reading out. */
export function byPrecedence(members: Iterable<Member>): Member[] {
  return [...members].sort((a, b) => a.precedence - b.precedence || (a.id < b.id ? -1 : 1));
}

export function votingMembers(meeting: Meeting): Member[] {
  return byPrecedence(Object.values(meeting.members).filter((member) => member.mandate));
}

/** One tick a voting member: present or not. */
export function presenceTicks(meeting: Meeting): Tick[] {
  return votingMembers(meeting).map((member) => (isPresent(holderOf(meeting, member) ?? member) ? "on" : "off"));
}

export function currentItem(meeting: Meeting): Item | null {
  return meeting.items.find((item) => item.state === "current") ?? null;
}

/** The next item that has not been dealt with. */
export function nextItem(meeting: Meeting): Item | null {
  const at = meeting.items.findIndex((item) => item.state === "current");
  return meeting.items.slice(at + 1).find((item) => item.state === "waiting") ?? null;
}

export function numberOf(meeting: Meeting, item: Item): number {
  return meeting.items.indexOf(item) + 1;
}

export function papersOf(meeting: Meeting, item: string): Paper[] {
  return Object.values(meeting.papers).filter((paper) => paper.item === item);
}

/** When the current item's time is up, in the server's milliseconds. */
export function itemEnds(item: Item): number {
  return item.began_at + item.minutes * 60_000 - item.spent;
}

/** Who waits to speak on what is being dealt with: registrations for other items stay with these. */
export function register(meeting: Meeting): Request[] {
  const current = currentItem(meeting)?.id;
  return meeting.requests.filter((request) => request.item === "" || request.item === current);
}

/** My place in the register, from 1; 0 when I am not in it. */
export function placeInRegister(meeting: Meeting, person: string): number {
  return register(meeting).findIndex((request) => request.person === person) + 1;
}

/**
 * The register with those first who have spoken least, in its own order where minutes are even: an offer, not the order.
 * As `quietest_first` on the server.
 */
export function quietestFirst(meeting: Meeting): Request[] {
  const spoken = (request: Request): number => meeting.spoken[request.person] ?? 0;
  const rank = (request: Request): number => (request.kind === "order" ? 0 : 1);
  return register(meeting).sort((a, b) => rank(a) - rank(b) || spoken(a) - spoken(b));
}

/** The ballot that is open now. */
export function openBallot(meeting: Meeting): Ballot | null {
  return Object.values(meeting.ballots).find((ballot) => ballot.state === "open") ?? null;
}

/** The ballot to show: the open one, else the newest that was closed or announced in the current item. */
export function ballotOnScreen(meeting: Meeting): Ballot | null {
  const item = currentItem(meeting)?.id;
  const ended = Object.values(meeting.ballots)
    .filter((ballot) => ballot.item === item && ["closed", "announced"].includes(ballot.state))
    .sort((a, b) => b.closed_at - a.closed_at);
  return openBallot(meeting) ?? ended[0] ?? null;
}

/** The mandates somebody votes for in a ballot. */
export function mandatesOf(ballot: Ballot, person: string): string[] {
  return Object.entries(ballot.electorate)
    .filter(([, holder]) => holder === person)
    .map(([mandate]) => mandate);
}

/** Whether somebody votes in the ballot that is open now. */
export function votesNow(meeting: Meeting, person: string): boolean {
  const open = openBallot(meeting);
  return open !== null && mandatesOf(open, person).length > 0;
}

/** How many votes carry the question: the least number above the majority of the basis. */
export function votesNeeded(ballot: Ballot): number {
  const basis = ballot.basis === "all" ? ballot.of_all : Object.keys(ballot.electorate).length;
  return Math.floor((basis * ballot.majority_of) / ballot.majority_per) + 1;
}

/** The look of an option: the carrying one, the first other, the rest. */
export function optionTick(ballot: Ballot, key: string): Tick {
  if (key === ballot.carries) return "yes";
  const others = ballot.options.filter((option) => option.key !== ballot.carries);
  return others[0]?.key === key ? "no" : "other";
}

/** The result as ticks sorted by option, never by seat; those who did not vote come last. */
export function resultTicks(ballot: Ballot): Tick[] {
  const cast = ballot.options.flatMap((option) =>
    Array.from({ length: ballot.tally[option.key] ?? 0 }, () => optionTick(ballot, option.key)),
  );
  const silent = Math.max(0, ballot.of_all - cast.length);
  return [...cast, ...Array.from({ length: silent }, (): Tick => "off")];
}

/** The site where somebody sits, in words; empty in the main room. */
export function whereabouts(meeting: Meeting, member: Member): string {
  return meeting.sites[member.site]?.name ?? "";
}

/** Title and whereabouts in one line; "Giám đốc Sở Công Thương · Sở Công Thương" would say one thing twice. */
export function titleAndPlace(meeting: Meeting, member: Member): string {
  const place = whereabouts(meeting, member);
  return [member.title, member.title.includes(place) ? "" : place].filter(Boolean).join(" · ");
}
