/**
 * How a meeting changes with each event, on the tablet's side. One case an event, each the twin of an
 * `apply` in `server/meetings`; the golden files in `tests/golden/events` hold both to the same result.
 */
import { BLANK } from "./blankmeeting";
import { hiddenFromSome, withoutItems } from "./guests";
import {
  changeBallot,
  changeItem,
  changeMember,
  inOrder,
  keep,
  periodEnded,
  questionsAfter,
  stopped,
  telephoned,
  union,
  withBallot,
  withMember,
  without,
  withoutMember,
  withoutSite,
  withPaper,
  withReply,
  withSeats,
} from "./meetingchanges";
import type { Meeting, MeetingEvent } from "../wire/types";

export { BLANK };

type Handlers = {
  [T in MeetingEvent["type"]]: (meeting: Meeting, event: Extract<MeetingEvent, { type: T }>) => Meeting;
};

const HANDLERS: Handlers = {
  "meeting.created": (_, e) => ({
    ...BLANK,
    id: e.id,
    title: e.title,
    rules: e.rules,
    form: e.form,
    place: e.place,
    starts_at: e.starts_at,
    ends_at: e.ends_at,
    host: e.host,
    internal: e.internal ?? false,
  }),
  "meeting.described": (m, e) => ({
    ...m,
    title: e.title,
    form: e.form,
    place: e.place,
    starts_at: e.starts_at,
    ends_at: e.ends_at,
    internal: e.internal ?? false,
  }),
  "meeting.published": (m) => ({ ...m, phase: "published" }),
  "member.invited": (m, e) => withMember(m, e.member),
  "member.changed": (m, e) =>
    changeMember(m, e.person, { roles: e.roles, mandate: e.mandate, site: e.site, seat: e.seat }),
  "member.removed": (m, e) => ({
    ...m,
    members: without(m.members, e.person),
    items: m.items.map((item) => (item.presenter === e.person ? { ...item, presenter: "" } : item)),
    chair: m.chair === e.person ? "" : m.chair,
    deputy: m.deputy === e.person ? "" : m.deputy,
  }),
  "member.revoked": (m, e) => withoutMember(m, e.person),
  "chair.named": (m, e) => ({ ...m, chair: e.chair, deputy: e.deputy }),
  "seats.drawn": (m, e) => ({ ...m, seating: e.seating }),
  "seats.assigned": (m, e) => withSeats(m, e.seats),
  "seats.shown": (m, e) => ({ ...m, seats_shown: e.on }),
  "site.added": (m, e) => ({ ...m, sites: { ...m.sites, [e.site.id]: e.site } }),
  "site.removed": (m, e) => withoutSite(m, e.site),
  "site.telephoned": (m, e) => ({ ...m, voices: { ...m.voices, [e.site]: telephoned(m.voices[e.site], e) } }),
  "member.limited": (m, e) => changeMember(m, e.person, { only_items: e.items }),

  "item.added": (m, e) => ({ ...m, items: [...m.items, e.item] }),
  "item.edited": (m, e) =>
    changeItem(m, e.item, {
      title: e.title,
      short: e.short,
      minutes: e.minutes,
      presenter: e.presenter,
      kind: e.kind ?? "",
    }),
  "agenda.ordered": (m, e) => ({ ...m, items: inOrder(m.items, e.order) }),
  "item.removed": (m, e) => ({
    ...m,
    items: m.items.filter((item) => item.id !== e.item),
    papers: keep(m.papers, (paper) => paper.item !== e.item),
    ballots: keep(m.ballots, (ballot) => ballot.item !== e.item),
  }),
  "item.started": (m, e) => changeItem(m, e.item, { state: "current", began_at: e.at, ended_at: 0 }),
  "item.finished": (m, e) => {
    const item = m.items.find((i) => i.id === e.item);
    const spent = (item?.spent ?? 0) + (item?.state === "current" ? e.at - item.began_at : 0);
    return changeItem(m, e.item, { state: e.state, ended_at: e.at, spent });
  },
  "item.concluded": (m, e) => changeItem(m, e.item, { conclusion: e.text }),

  "meeting.opened": (m, e) => ({ ...m, phase: "open", periods: [...m.periods, { began_at: e.at, ended_at: 0 }] }),
  "meeting.paused": (m, e) => ({ ...periodEnded(m, e.at), phase: "break", break_reason: e.reason }),
  "system.stopped": (m, e) => stopped(m, e.at),
  "meeting.resumed": (m, e) => ({
    ...m,
    phase: "open",
    break_reason: "",
    stopped: 0,
    periods: [...m.periods, { began_at: e.at, ended_at: 0 }],
  }),
  "meeting.closed": (m, e) => ({
    ...periodEnded(m, e.at),
    phase: "closed",
    stopped: 0,
    shown: null,
    presenting: "",
    asking: [],
    requests: [],
    microphones: {},
    locked: [],
    locks_newcomers: false,
    pinned: "",
    layout: "",
    sharing: "",
    notice: "",
    notice_until: 0,
    acting: false,
    controlling: "",
    calls: {},
  }),
  "acting.granted": (m, e) => ({ ...m, acting: e.granted }),
  "chair.handed_over": (m, e) => ({ ...m, chair: e.to, acting: false, controlling: "" }),
  "controls.passed": (m, e) => ({ ...m, controlling: e.to }),
  "notice.posted": (m, e) => ({ ...m, notice: e.text, notice_until: e.until ?? 0 }),

  "attendance.recorded": (m, e) => changeMember(m, e.person, { attendance: e.attendance }),
  "attendance.substituted": (m, e) => {
    const member = m.members[e.person];
    if (!member) return m;
    const freed =
      member.substituted_by in m.members ? changeMember(m, member.substituted_by, { substitute_for: "" }) : m;
    if (e.substitute === null) return changeMember(freed, e.person, { substituted_by: "" });
    const attendance = { ...member.attendance, state: "absent" as const, excused: true, reason: e.reason };
    return changeMember(withMember(freed, e.substitute), e.person, { substituted_by: e.substitute.id, attendance });
  },

  // Papers from before that could be said of them may be taken along.
  "paper.attached": (m, e) => withPaper(m, { ...e.paper, screen_only: e.paper.screen_only ?? false }),
  "paper.ready": (m, e) => {
    const paper = m.papers[e.paper];
    const known = { state: e.state, version: e.version, pages: e.pages, problem: e.problem };
    return paper ? withPaper(m, { ...paper, ...known }) : m;
  },
  "paper.renamed": (m, e) => {
    const paper = m.papers[e.paper];
    return paper ? withPaper(m, { ...paper, title: e.title, short: e.short }) : m;
  },
  "paper.restricted": (m, e) => {
    const paper = m.papers[e.paper];
    return paper ? withPaper(m, { ...paper, screen_only: e.screen_only }) : m;
  },
  "paper.detached": (m, e) => ({ ...m, papers: without(m.papers, e.paper) }),
  "paper.shown": (m, e) => ({ ...m, shown: e.shown }),
  "paper.hidden": (m) => ({ ...m, shown: null }),
  "page.turned": (m, e) => ({ ...m, shown: { paper: e.paper, page: e.page, x: 0, y: 0, width: 10_000 } }),
  "view.moved": (m, e) => ({ ...m, shown: e.shown }),
  "presenting.handed_over": (m, e) => ({ ...m, presenting: e.to, asking: m.asking.filter((who) => who !== e.to) }),
  "presenting.asked": (m, e) => {
    const others = m.asking.filter((who) => who !== e.person);
    return { ...m, asking: e.asks ? [...others, e.person] : others };
  },

  "floor.requested": (m, e) => {
    const isOrder = (r: { kind: string }) => r.kind === "order";
    const requests = isOrder(e.request)
      ? [...m.requests.filter(isOrder), e.request, ...m.requests.filter((r) => !isOrder(r))]
      : [...m.requests, e.request];
    return { ...m, requests, next_seq: e.request.seq + 1 };
  },
  "floor.withdrawn": (m, e) => ({ ...m, requests: m.requests.filter((r) => r.id !== e.request) }),
  "floor.ordered": (m, e) => ({ ...m, requests: inOrder(m.requests, e.order) }),
  "floor.register_closed": (m, e) => ({ ...m, requests_closed: e.closed }),
  "floor.invited": (m, e) => ({
    ...m,
    // Speeches from before there was a warning opened at once.
    speaking: {
      ...e.speech,
      opens_at: e.speech.opens_at ?? 0,
      to: e.speech.to ?? "",
      answers: e.speech.answers ?? "",
    },
    requests: m.requests.filter((r) => r.id !== e.request),
  }),
  "floor.opened": (m, e) => ({ ...m, speaking: m.speaking && { ...m.speaking, opens_at: e.at } }),
  "floor.extended": (m, e) => ({ ...m, speaking: m.speaking && { ...m.speaking, allotted: e.allotted } }),
  "floor.ended": (m, e) => ({
    ...m,
    speaking: null,
    spoken: { ...m.spoken, [e.person]: (m.spoken[e.person] ?? 0) + e.at - e.began_at },
    turns: e.turn ? { ...m.turns, [e.person]: e.turn } : m.turns,
    questions: questionsAfter(m.questions, e),
  }),
  "floor.reply_promised": (m, e) => ({ ...m, questions: withReply(m.questions, e.question, "written") }),

  "ballot.planned": (m, e) => withBallot(m, e.ballot),
  "ballot.dropped": (m, e) => ({ ...m, ballots: without(m.ballots, e.ballot) }),
  "ballot.called": (m, e) => changeBallot(m, e.ballot, { called_at: e.at }),
  "ballot.opened": (m, e) =>
    changeBallot(m, e.ballot, {
      state: "open",
      electorate: e.electorate,
      of_all: e.of_all,
      opened_at: e.at,
      needed: e.needed ?? 0,
      ...(e.method ? { method: e.method } : {}),
    }),
  "ballot.closed": (m, e) =>
    changeBallot(m, e.ballot, {
      state: "closed",
      closed_at: e.at,
      cast: e.cast,
      sealed: e.sealed ?? "",
      entered: e.entered ?? null,
    }),
  "ballot.counted": (m, e) => ({
    ...m,
    tallies: {
      ...m.tallies,
      [e.ballot]: {
        tally: e.tally,
        result: e.result,
        cast: e.cast,
        sheet: e.sheet ?? null,
        chosen: e.chosen ?? null,
        sealed: e.sealed ?? "",
        by_chair: e.by_chair ?? null,
      },
    },
  }),
  "ballot.announced": (m, e) =>
    changeBallot(m, e.ballot, {
      state: "announced",
      tally: e.tally,
      result: e.result,
      votes: e.votes,
      sheet: e.sheet ?? null,
      chosen: e.chosen ?? null,
      by_chair: e.by_chair ?? null,
    }),
  "ballot.void_asked": (m, e) => ({ ...m, voidings: { ...m.voidings, [e.ballot]: e.asked } }),
  "ballot.void_refused": (m, e) => ({ ...m, voidings: without(m.voidings, e.ballot) }),
  "ballot.voided": (m, e) =>
    changeBallot({ ...m, tallies: without(m.tallies, e.ballot), voidings: without(m.voidings, e.ballot) }, e.ballot, {
      state: "void",
      voided: e.voided,
    }),

  "microphones.switched": (m, e) => ({
    ...m,
    microphones: { ...m.microphones, ...(e.microphones as Meeting["microphones"]) },
  }),
  "microphones.locked": (m, e) => ({
    ...m,
    locked: e.locked ? union(m.locked, e.who) : m.locked.filter((who) => !(e.who as readonly string[]).includes(who)),
    locks_newcomers: e.everybody ? e.locked : m.locks_newcomers,
  }),
  "call.made": (m, e) => ({ ...m, calls: { ...m.calls, [e.call.id]: e.call } }),
  "call.answered": (m, e) => {
    const call = m.calls[e.call];
    return call ? { ...m, calls: { ...m.calls, [e.call]: { ...call, answered_by: e.by, answered_at: e.at } } } : m;
  },
  "call.ended": (m, e) => ({ ...m, calls: without(m.calls, e.call) }),
  "stage.pinned": (m, e) => ({ ...m, pinned: e.who }),
  "stage.arranged": (m, e) => ({ ...m, layout: e.layout }),
  "waiting_room.switched": (m, e) => ({ ...m, waiting_room: e.on, admitted: e.admitted }),
  "waiting_room.admitted": (m, e) => ({ ...m, admitted: union(m.admitted, e.who) }),
  "screen.shared": (m, e) => ({ ...m, sharing: e.who }),

  "recording.started": (m) => ({ ...m, recording: "on", recorded: true }),
  "recording.paused": (m) => ({ ...m, recording: "paused" }),
  "recording.resumed": (m) => ({ ...m, recording: "on" }),
  "recording.stopped": (m) => ({ ...m, recording: "" }),
  "recording.deleted": (m) => ({ ...m, recorded: false }),
};

/** The meeting after one event. */
export function reduce(meeting: Meeting, event: MeetingEvent): Meeting {
  const handle = HANDLERS[event.type] as (m: Meeting, e: MeetingEvent) => Meeting;
  return handle(meeting, event);
}

/** The part everybody admitted sees, as `view(meeting, "")` on the server; its digest is compared every few seconds. */
export function publicPart(meeting: Meeting): Meeting {
  const papers = keep(meeting.papers, (paper) => paper.readers === "all");
  const common = withoutItems({ ...meeting, papers, tallies: {}, voidings: {}, calls: {} }, hiddenFromSome(meeting));
  const shown = meeting.shown && meeting.shown.paper in common.papers ? meeting.shown : null;
  return { ...common, shown };
}
