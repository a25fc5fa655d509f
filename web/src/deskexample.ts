/** A small meeting for tests: five members with a vote, a guest, two sites, three items. */
import { BLANK } from "./core/meeting";
import type { Ballot, Item, Meeting, Member, Paper, Request, Site, Speech } from "./wire/types";

const OPTIONS = [
  { key: "agree", vi: "Tán thành", en: "In favour" },
  { key: "disagree", vi: "Không tán thành", en: "Against" },
  { key: "abstain", vi: "Không biểu quyết", en: "Not voting" },
];

export function member(id: string, change: Partial<Member> = {}): Member {
  const attendance = { state: "room", since: 1, late: false, excused: false, reason: "", how: "", by: "" } as const;
  return {
    id,
    name: `Người ${id}`,
    title: "Giám đốc Sở Tài chính",
    unit: "Sở Tài chính",
    unit_short: "Sở Tài chính",
    precedence: 100,
    roles: ["delegate"],
    mandate: true,
    site: "",
    seat: "",
    substitute_for: "",
    substituted_by: "",
    only_items: [],
    only_substitute: false,
    attendance,
    ...change,
  };
}

export function item(id: string, change: Partial<Item> = {}): Item {
  const course = { state: "waiting", began_at: 0, ended_at: 0, spent: 0, conclusion: "", kind: "" } as const;
  return { id, title: `Nội dung ${id}`, short: `Nội dung ${id}`, minutes: 15, presenter: "", ...course, ...change };
}

export function paper(id: string, item: string, change: Partial<Paper> = {}): Paper {
  const file = { kind: "pdf", state: "ready", problem: "", version: `version-${id}`, pages: 6 } as const;
  const rights = { readers: "all", named: [], screen_only: false } as const;
  return { id, item, title: `Tài liệu ${id}`, short: `Tài liệu ${id}`, ...file, ...rights, ...change };
}

export function request(person: string, seq: number, change: Partial<Request> = {}): Request {
  return { id: `r${seq}`, person, item: "i2", topic: "", seq, at: seq, kind: "speech", to: "", ...change };
}

export function speech(person: string, change: Partial<Speech> = {}): Speech {
  const course = { began_at: 0, allotted: 300_000, opens_at: 0 } as const;
  const about = { item: "", topic: "", kind: "speech", to: "", answers: "" } as const;
  return { id: `speech of ${person}`, person, invited_by: "a", ...course, ...about, ...change };
}

export function site(id: string, change: Partial<Site> = {}): Site {
  const about = { unit: "", room: "", technician: "", telephone: "" };
  return { id, name: `Điểm cầu ${id}`, short: id, order: 1, main: false, ...about, ...change };
}

export function ballot(id: string, change: Partial<Ballot> = {}): Ballot {
  return {
    id,
    item: "i2",
    question: "Thông qua dự thảo Quyết định",
    options: OPTIONS,
    carries: "agree",
    basis: "all",
    majority_of: 1,
    majority_per: 2,
    tie: "chair",
    method: "open",
    state: "planned",
    electorate: {},
    of_all: 0,
    opened_at: 0,
    closed_at: 0,
    cast: 0,
    sealed: "",
    tally: {},
    result: "",
    votes: {},
    against: "disagree",
    entered: null,
    sheet: null,
    kind: "question",
    places: 1,
    needed: 0,
    called_at: 0,
    chosen: null,
    voided: null,
    repeats: "",
    by_chair: null,
    ...change,
  };
}

const byId = <T extends { id: string }>(things: readonly T[]): Record<string, T> =>
  Object.fromEntries(things.map((thing) => [thing.id, thing]));

export function meeting(change: Partial<Meeting> = {}): Meeting {
  const sites = [
    site("tinh", { name: "Phòng họp tỉnh", short: "Tỉnh", main: true }),
    site("so-yt", { name: "Sở Y tế", short: "Sở Y tế", order: 2 }),
  ];
  const members = [
    member("a", { precedence: 1 }),
    member("b", { precedence: 2 }),
    member("c", { precedence: 3, site: "so-yt" }),
    member("d", { precedence: 4 }),
    member("e", { precedence: 5 }),
    member("khach", { precedence: 9, roles: ["guest"], mandate: false }),
  ];
  return {
    ...BLANK,
    id: "m1",
    title: "Phiên họp thường kỳ",
    phase: "open",
    rules: { ...BLANK.rules, options: OPTIONS, quorum_of: 2, quorum_per: 3 },
    chair: "a",
    members: byId(members),
    sites: byId(sites),
    items: [item("i1", { state: "done" }), item("i2", { state: "current" }), item("i3")],
    ...change,
  };
}

export const withMembers = (...members: Member[]): Pick<Meeting, "members"> => ({ members: byId(members) });
export const withBallots = (...ballots: Ballot[]): Pick<Meeting, "ballots"> => ({ ballots: byId(ballots) });
