/** The seat map: who sits where, how they stand just now, and how one finds a way over it by keys. Pure. */
import { openBallot, placeInRegister } from "./standing";
import { fold } from "./desk";
import type { FloorPlan, Meeting, Member, Seat } from "../wire/types";

/** A seat is a square of so many units of the plan; as `SEAT` on the server. */
export const SEAT = 4;

/** How whoever sits there stands; each has one word. */
export type SeatState = "free" | "expected" | "present" | "lost" | "away";

/** What is known beside the meeting, where it is known: whose line is lost, and which mandates have voted. */
export interface Around {
  readonly lost?: Readonly<Record<string, number>>;
  readonly voted?: readonly string[];
}

/** One place of the map as it is drawn. */
export interface SeatView {
  readonly seat: Seat;
  readonly state: SeatState;
  /** Whose place it is, and who sits there: the same, or whoever comes for them. */
  readonly holder: Member | null;
  readonly sitter: Member | null;
  readonly speaking: boolean;
  /** The place in the register of speakers, from 1; 0 for none. */
  readonly queued: number;
  /** Whether they have voted in the open ballot; null where they do not vote, or nobody may know. */
  readonly voted: boolean | null;
}

/** The meeting's places in order of honour, each with who sits there. */
export function seatViews(meeting: Meeting, around: Around = {}): SeatView[] {
  const holders = new Map(
    Object.values(meeting.members)
      .filter((one) => one.seat !== "" && one.substitute_for === "")
      .map((one) => [one.seat, one]),
  );
  return (meeting.seating?.plan.seats ?? []).map((seat) => viewOf(meeting, around, seat, holders.get(seat.label)));
}

function viewOf(meeting: Meeting, around: Around, seat: Seat, holder: Member | undefined): SeatView {
  if (!holder) return { seat, state: "free", holder: null, sitter: null, speaking: false, queued: 0, voted: null };
  const sitter = meeting.members[holder.substituted_by] ?? holder;
  return {
    seat,
    state: stateOf(sitter, around),
    holder,
    sitter,
    speaking: meeting.speaking?.person === sitter.id,
    queued: placeInRegister(meeting, sitter.id),
    voted: hasVoted(meeting, around, sitter),
  };
}

function stateOf({ id, attendance }: Member, around: Around): SeatState {
  if (attendance.state === "expected") return "expected";
  if (attendance.state === "absent" || attendance.state === "left") return "away";
  return around.lost?.[id] === undefined ? "present" : "lost";
}

/** In the open ballot, whether all mandates somebody votes for have voted; how is never asked. */
function hasVoted(meeting: Meeting, around: Around, sitter: Member): boolean | null {
  const ballot = openBallot(meeting);
  if (!ballot || around.voted === undefined) return null;
  const own = Object.entries(ballot.electorate).filter(([, who]) => who === sitter.id);
  return own.length === 0 ? null : own.every(([mandate]) => around.voted?.includes(mandate));
}

/** What is known beside the meeting, from the statuses of its stream. */
export function aroundOf(meeting: Meeting, statuses: Readonly<Record<string, unknown>>): Around {
  const presence = statuses["presence"] as { lost?: Readonly<Record<string, number>> } | undefined;
  const ballot = openBallot(meeting);
  const voted = ballot && (statuses[`voted:${ballot.id}`] as readonly string[] | undefined);
  // Before the first vote nothing is said of who has voted, to those who may know it.
  const known = voted ?? (ballot && presence ? [] : undefined);
  return { ...(presence?.lost && { lost: presence.lost }), ...(known && { voted: known }) };
}

/** People of the main room for whom there is no place yet, by precedence. */
export function withoutSeat(meeting: Meeting): Member[] {
  const labels = new Set(meeting.seating?.plan.seats.map((seat) => seat.label));
  return Object.values(meeting.members)
    .filter((one) => one.substitute_for === "" && one.roles.some((role) => role !== "technician"))
    .filter((one) => !labels.has(one.seat) && !isElsewhere(meeting, one))
    .sort((a, b) => a.precedence - b.precedence || (a.id < b.id ? -1 : 1));
}

function isElsewhere(meeting: Meeting, { site }: Member): boolean {
  const at = meeting.sites[site];
  return at !== undefined && !at.main;
}

/** How large the words on a seat are, in pixels; from afar (1.4) larger letters say more than whole names. */
export function lettersOn(width: number, height: number, scale = 1): number {
  return Math.max(11, Math.min(34, scale * width * 0.14, scale * height * 0.24));
}

/** Mean width of a letter of our type, in its height; and the height of a line. */
const LETTER = 0.64;
const LINE = 1.16;

/** The name as a seat has room for it: whole, its last two words, the given name, or its first letter. */
export function nameFor(name: string, width: number, height: number, scale = 1): string {
  const size = lettersOn(width, height, scale);
  const lines = Math.floor((height - 6) / (size * LINE)) - 1;
  const words = name.split(/\s+/).filter(Boolean);
  const shorter = [words, words.slice(-2), words.slice(-1)].find((some) => fits(some, width / (size * LETTER), lines));
  return shorter?.join(" ") ?? (words.at(-1) ?? "").slice(0, 1);
}

function fits(words: readonly string[], letters: number, lines: number): boolean {
  let [used, left] = [1, letters];
  for (const word of words) {
    if (word.length > letters) return false;
    if (word.length > left) [used, left] = [used + 1, letters];
    left -= word.length + 1;
  }
  return used <= Math.max(1, lines);
}

/** The seat one gets to from another by an arrow key: the nearest in that direction. */
export function nextSeat(seats: readonly Seat[], from: Seat, dx: number, dy: number): Seat | null {
  const ahead = (seat: Seat): number => (seat.x - from.x) * dx + (seat.y - from.y) * dy;
  const aside = (seat: Seat): number => Math.abs((seat.x - from.x) * dy) + Math.abs((seat.y - from.y) * dx);
  const cost = (seat: Seat): number => ahead(seat) + 2 * aside(seat);
  const found = seats.filter((seat) => ahead(seat) > 0).sort((a, b) => cost(a) - cost(b));
  return found[0] ?? null;
}

export const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A room of the province's register. */
export interface Room {
  readonly id: string;
  readonly unit: string;
  readonly name: string;
  readonly place: string;
  readonly plan: FloorPlan;
  readonly retired: boolean;
}

/** An id for a new room that nobody has, made of its name. */
export function roomId(name: string, rooms: readonly Room[]): string {
  const taken = new Set(rooms.map((room) => room.id));
  const words = fold(name).replace(/[^a-z0-9]+/g, "-");
  // Cut first: a long name may be cut just behind a dash, and no id ends with one.
  const base = words.replace(/^-/, "").slice(0, 56).replace(/-$/, "") || "phong";
  let id = base;
  for (let count = 2; taken.has(id); count += 1) id = `${base}-${count}`;
  return id;
}

/** A bare room in which some seats are taken, by a tablet for instance. */
export function seatsWith(plan: FloorPlan, taken: readonly string[]): SeatView[] {
  return plan.seats.map((seat) => ({
    seat,
    state: taken.includes(seat.label) ? "present" : "free",
    holder: null,
    sitter: null,
    speaking: false,
    queued: 0,
    voted: null,
  }));
}
