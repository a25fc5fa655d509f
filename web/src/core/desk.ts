/** What those who steer ask of the meeting: whom to invite, what to vote on, what comes next. Pure. */
import type { Ballot, Item, Meeting, Member, Paper, Request } from "../wire/types";
import { wholeMinutes } from "./speaking";
import {
  byPrecedence,
  currentItem,
  holderOf,
  isPresent,
  nextItem,
  openBallot,
  quietestFirst,
  register,
} from "./standing";

/** A line of the register as the desk reads it. */
export interface Waiting {
  readonly request: Request;
  readonly member: Member | null;
  /** Whole minutes spoken in this meeting so far; 0 when not yet. */
  readonly spoken: number;
  readonly site: string;
}

/** Refusals by phase: why something that needs a sitting meeting cannot be done now. */
const NOT_SITTING: Readonly<Record<Meeting["phase"], string | null>> = {
  draft: "phase.draft",
  published: "phase.published",
  open: null,
  break: "phase.break",
  closed: "phase.closed",
};

/** The code of the sentence that says why the meeting is not sitting; null while it sits. */
export function whyNotSitting(meeting: Meeting): string | null {
  return NOT_SITTING[meeting.phase];
}

/** Whether a notice can be put on all screens in this phase. */
export function mayNotify(meeting: Meeting): boolean {
  return meeting.phase !== "draft" && meeting.phase !== "closed";
}

/** Whole minutes, rounded up. */
function minutesSpoken(meeting: Meeting, person: string): number {
  return wholeMinutes(meeting.spoken[person] ?? 0);
}

/** The register in its own order, or with those first who have spoken least. */
export function waitingList(meeting: Meeting, quietFirst: boolean): Waiting[] {
  const requests = quietFirst ? quietestFirst(meeting) : register(meeting);
  return requests.map((request) => {
    const member = meeting.members[request.person] ?? null;
    const site = meeting.sites[member?.site ?? ""]?.name ?? "";
    return { request, member, site, spoken: minutesSpoken(meeting, request.person) };
  });
}

/** Whether asking the quiet ones first would change the order at all. */
export function quietOrderDiffers(meeting: Meeting): boolean {
  const standing = register(meeting);
  return quietestFirst(meeting).some((request, at) => request.id !== standing[at]?.id);
}

/** Those who can be given the floor now: present, and not speaking already. */
export function invitable(meeting: Meeting): Member[] {
  const people = Object.values(meeting.members);
  return byPrecedence(people.filter((one) => isPresent(one) && one.id !== meeting.speaking?.person));
}

/** How many mandates could vote if a ballot opened now. */
export function electorateNow(meeting: Meeting): number {
  return Object.values(meeting.members).filter((member) => {
    const holder = member.mandate ? holderOf(meeting, member) : null;
    return holder !== null && isPresent(holder);
  }).length;
}

/** How many mandates could vote at a time that is over, by the attendance; as the server works it out. */
export function electorateThen(meeting: Meeting, ballot: Ballot, at: number): number {
  if (ballot.state === "open") return Object.keys(ballot.electorate).length;
  const left = Object.values(meeting.members).filter(
    ({ mandate, attendance }) => mandate && attendance.state === "left" && attendance.since > at,
  );
  return electorateNow(meeting) + left.length;
}

/**
 * The ballot the desk has to do with next: the open one, else of the current item one that waits for its announcement,
 * then a planned one, then the last result. What another item left unannounced holds nobody up.
 */
export function deskBallot(meeting: Meeting): Ballot | null {
  const item = currentItem(meeting)?.id;
  const here = Object.values(meeting.ballots).filter((ballot) => ballot.item === item);
  const announced = here.filter((ballot) => ballot.state === "announced").sort((a, b) => b.closed_at - a.closed_at);
  return (
    openBallot(meeting) ??
    here.find((ballot) => ballot.state === "closed") ??
    here.find((ballot) => ballot.state === "planned") ??
    announced[0] ??
    null
  );
}

/** Whether a vote is under way: open, or closed and waiting for its announcement. */
export function isVoting(meeting: Meeting): boolean {
  return ["open", "closed"].includes(deskBallot(meeting)?.state ?? "");
}

/**
 * What the desk can turn to instead of `shown`: results of any item that wait for their announcement, and the item's
 * planned ballots beside one that waits. Nothing while a ballot is open.
 */
export function ballotsBeside(meeting: Meeting, shown: Ballot | null): Ballot[] {
  if (openBallot(meeting)) return [];
  const item = currentItem(meeting)?.id;
  const others = Object.values(meeting.ballots).filter((ballot) => ballot.id !== shown?.id);
  const planned = others.filter((ballot) => ballot.state === "planned" && ballot.item === item);
  const waiting = others.filter((ballot) => ballot.state === "closed").sort((a, b) => b.closed_at - a.closed_at);
  return [...(shown?.state === "closed" ? planned : []), ...waiting];
}

/** The ballot the desk turned to by hand, as long as there is something to do with it and nothing else is open. */
export function turnedTo(meeting: Meeting, id: string): Ballot | null {
  const ballot = meeting.ballots[id];
  if (!ballot || openBallot(meeting)) return null;
  const waits = ballot.state === "closed" || (ballot.state === "planned" && ballot.item === currentItem(meeting)?.id);
  return waits ? ballot : null;
}

/** What a vote would be worded as when nothing was planned for the item. */
export function questionFor(item: Item, presiding = ""): string {
  const title = item.title.normalize("NFC").trim();
  // "Xem xét, thông qua …" says itself what is voted on, from its verb on; what "đã được thông qua" is something else.
  const verb = /(?<!(?:được|đã|sẽ) )(?:thông qua|thống nhất)\s+\S+.*$/isu.exec(title)?.[0];
  if (verb) return `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
  const rest = `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
  // A resolution is the People's Council's to pass: the committee agrees to put it there.
  const council = presiding === "chủ trì" && /^dự thảo nghị quyết/i.test(title);
  return council ? `Thống nhất trình Hội đồng nhân dân ${rest}` : `Thông qua ${rest}`;
}

/** The item the desk goes to by one tap: the next waiting one, or the first while none is current. */
export function itemAhead(meeting: Meeting): Item | null {
  if (currentItem(meeting)) return nextItem(meeting);
  return meeting.items.find((item) => item.state === "waiting") ?? null;
}

/** Papers that can be shown, those of the current item first. */
export function showable(meeting: Meeting): Paper[] {
  const current = currentItem(meeting)?.id;
  const order = new Map(meeting.items.map((item, at) => [item.id, item.id === current ? -1 : at]));
  const ready = Object.values(meeting.papers).filter((paper) => paper.state === "ready");
  return ready.sort((a, b) => (order.get(a.item) ?? 0) - (order.get(b.item) ?? 0));
}

/** A page to be put on screen; `isOpen` when it is the one already read at the desk. */
export interface Offer {
  readonly paper: Paper;
  readonly page: number;
  readonly isOpen: boolean;
}

/**
 * What the desk can put on screen by one tap: the page it reads by itself, unless that is shown; else the current
 * item's first paper, while nothing of that item is shown.
 */
export function offeredPage(meeting: Meeting, own: { paper: Paper; page: number } | null): Offer | null {
  const { shown } = meeting;
  if (own) return shown?.paper === own.paper.id && shown.page === own.page ? null : { ...own, isOpen: true };
  const item = currentItem(meeting)?.id;
  if (shown && meeting.papers[shown.paper]?.item === item) return null;
  const paper = showable(meeting).find((one) => one.item === item);
  return paper ? { paper, page: 1, isOpen: false } : null;
}

/** Who else holds the presenting: what I took up myself need not be taken back from me. */
export function otherPresenter(meeting: Meeting, me: string): Member | null {
  return meeting.presenting === me ? null : (meeting.members[meeting.presenting] ?? null);
}

/** Items that closing the meeting now would leave undone. */
export function undone(meeting: Meeting): Item[] {
  return meeting.items.filter((item) => item.state === "waiting");
}

export const fold = (text: string): string =>
  text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();

/** Members whose name, title or unit has every word typed, with or without marks. */
export function findMembers(members: readonly Member[], typed: string): Member[] {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  return members.filter((member) => {
    const text = fold(`${member.name} ${member.title} ${member.unit} ${member.unit_short}`);
    return words.every((word) => text.includes(word));
  });
}

/** What an invitation to speak says of its length: nothing where it is the meeting type's usual one. */
export function given(minutes: number, usual: number): { minutes?: number } {
  return minutes === usual ? {} : { minutes };
}
