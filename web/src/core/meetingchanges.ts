/** A meeting with one thing in it changed: what the cases of `meeting.ts` are made of. Nothing is changed in place. */
import type { Ballot, Item, Meeting, Member, Paper, Question, SpeechEnded, Voice } from "../wire/types";

export function withMember(m: Meeting, member: Member): Meeting {
  return { ...m, members: { ...m.members, [member.id]: member } };
}

export function changeMember(m: Meeting, person: string, change: Partial<Member>): Meeting {
  const member = m.members[person];
  return member ? withMember(m, { ...member, ...change }) : m;
}

/** People on other places; an empty one is none. Whoever has left meanwhile has none to change. */
export function withSeats(m: Meeting, seats: Readonly<Record<string, string>>): Meeting {
  const moved = Object.entries(seats).flatMap(([person, seat]) => {
    const member = m.members[person];
    return member ? [[person, { ...member, seat }] as const] : [];
  });
  return { ...m, members: { ...m.members, ...Object.fromEntries(moved) } };
}

export function changeItem(m: Meeting, id: string, change: Partial<Item>): Meeting {
  return { ...m, items: m.items.map((item) => (item.id === id ? { ...item, ...change } : item)) };
}

/** The meeting after somebody has left it for good: nothing they held is theirs any more. */
export function withoutMember(m: Meeting, gone: string): Meeting {
  const unless = (held: string) => (held === gone ? "" : held);
  const freed = Object.values(without(m.members, gone)).map((member) => ({
    ...member,
    substituted_by: unless(member.substituted_by),
    substitute_for: unless(member.substitute_for),
  }));
  return {
    ...m,
    members: Object.fromEntries(freed.map((member) => [member.id, member])),
    items: m.items.map((item) => ({ ...item, presenter: unless(item.presenter) })),
    requests: m.requests.filter((request) => request.person !== gone),
    microphones: without(m.microphones, gone),
    calls: keep(m.calls, (call) => call.by !== gone),
    deputy: unless(m.deputy),
    controlling: unless(m.controlling),
    presenting: unless(m.presenting),
    asking: m.asking.filter((who) => who !== gone),
    sharing: unless(m.sharing),
    pinned: unless(m.pinned),
    locked: m.locked.filter((who) => who !== gone),
  };
}

export function withPaper(m: Meeting, paper: Paper): Meeting {
  return { ...m, papers: { ...m.papers, [paper.id]: paper } };
}

export function withBallot(m: Meeting, ballot: Ballot): Meeting {
  return { ...m, ballots: { ...m.ballots, [ballot.id]: ballot } };
}

export function changeBallot(m: Meeting, id: string, change: Partial<Ballot>): Meeting {
  const ballot = m.ballots[id];
  return ballot ? withBallot(m, { ...ballot, ...change }) : m;
}

/** The questions after a speech: one more that waits for its answer, or one answered. */
export function questionsAfter(questions: readonly Question[], e: SpeechEnded): readonly Question[] {
  if (e.kind === "question" && e.to)
    return [...questions, { id: e.speech, person: e.person, to: e.to, item: e.item, topic: e.topic, reply: "" }];
  return withReply(questions, e.answers ?? "", "given");
}

export function withReply(questions: readonly Question[], id: string, reply: Question["reply"]): Question[] {
  return questions.map((question) => (question.id === id ? { ...question, reply } : question));
}

export function periodEnded(m: Meeting, at: number): Meeting {
  const last = m.periods.at(-1);
  return last && !last.ended_at ? { ...m, periods: [...m.periods.slice(0, -1), { ...last, ended_at: at }] } : m;
}

export function inOrder<T extends { id: string }>(things: readonly T[], order: readonly string[]): T[] {
  return order.flatMap((id) => things.filter((thing) => thing.id === id));
}

export function without<T>(map: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
}

/** Names in order, each once. */
export function union(names: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...names, ...more])].sort((a, b) => (a < b ? -1 : 1));
}

export function keep<T>(map: Readonly<Record<string, T>>, wanted: (value: T) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => wanted(value)));
}

export function withoutSite(m: Meeting, site: string): Meeting {
  return {
    ...m,
    sites: without(m.sites, site),
    microphones: without(m.microphones, site),
    voices: without(m.voices, site),
    pinned: m.pinned === site ? "" : m.pinned,
    locked: m.locked.filter((who) => who !== site),
    admitted: m.admitted.filter((who) => who !== site),
  };
}

/** The calls of a site after it is there under another number, or, without one, no longer by telephone. */
export function telephoned(known: readonly Voice[] = [], { number, at }: { number: string; at: number }): Voice[] {
  const ended = known.map((one) => (one.ended_at ? one : { ...one, ended_at: at }));
  return number ? [...ended, { number, began_at: at, ended_at: 0 }] : ended;
}

/** The system is stopped for content that does not belong on it: nothing is shown any more, and it is a break. */
export function stopped(m: Meeting, at: number): Meeting {
  const blank = { shown: null, sharing: "", notice: "", notice_until: 0 };
  return { ...periodEnded(m, at), ...blank, phase: "break", break_reason: "", stopped: at };
}
