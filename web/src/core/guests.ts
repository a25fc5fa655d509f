/** Guests of certain items, as `server/meetings/guests.py`: what they see of the others. Pure. */
import type { Item, Meeting, Member } from "../wire/types";

/** What an item is called before those who are not invited to it. */
const OTHER_ITEM = "Nội dung khác";

/** Whether somebody takes part as a guest and as nothing else. */
function isOnlyGuest(meeting: Meeting, member: Member): boolean {
  const more = [meeting.chair, meeting.deputy, meeting.controlling].includes(member.id);
  return member.roles.includes("guest") && member.roles.every((role) => role === "guest") && !more && !member.mandate;
}

/** The guests who are invited to certain items only. */
export function limitedGuests(meeting: Meeting): Member[] {
  return Object.values(meeting.members).filter((one) => (one.only_items ?? []).length > 0 && isOnlyGuest(meeting, one));
}

/** The items that some guest is not invited to: they are no part of what everybody sees. */
export function hiddenFromSome(meeting: Meeting): ReadonlySet<string> {
  const guests = limitedGuests(meeting);
  const hidden = meeting.items.filter((item) => guests.some((guest) => !guest.only_items.includes(item.id)));
  return new Set(hidden.map((item) => item.id));
}

/** The meeting with nothing told of these items: neither words nor papers, ballots and topics. */
export function withoutItems(meeting: Meeting, hidden: ReadonlySet<string>): Meeting {
  if (hidden.size === 0) return meeting;
  const open = <T extends { item: string }>(map: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(map).filter(([, one]) => !hidden.has(one.item)));
  const { speaking } = meeting;
  return {
    ...meeting,
    items: meeting.items.map((item) => (hidden.has(item.id) ? veiled(item) : item)),
    papers: open(meeting.papers),
    ballots: open(meeting.ballots),
    requests: meeting.requests.map((one) => (hidden.has(one.item) ? { ...one, topic: "", to: "" } : one)),
    speaking: speaking && hidden.has(speaking.item) ? { ...speaking, topic: "", to: "", answers: "" } : speaking,
    questions: meeting.questions.map((one) => (hidden.has(one.item) ? { ...one, topic: "", to: "" } : one)),
  };
}

/** Whether an item is one of those this tablet is told nothing of. */
export function isVeiled(item: Item): boolean {
  return item.title === OTHER_ITEM && item.short === OTHER_ITEM;
}

/** Whether the item that is being dealt with is one of those: papers, picture and sound are then for others. */
export function isOutside(meeting: Meeting): boolean {
  return meeting.items.some((item) => item.state === "current" && isVeiled(item));
}

function veiled(item: Item): Item {
  return { ...item, title: OTHER_ITEM, short: OTHER_ITEM, presenter: "", conclusion: "", kind: "" };
}
