/** My meetings, with the state of those that matter now; looked at again when the page comes back to the front. */
import { byDay, waitingFor, type Days, type Waiting } from "../core/calendar";
import { refusalWords } from "../i18n";
import { ask, Problem, serverNow, UNREACHABLE } from "../wire/http";
import type { Answer, CreateMeeting, Listing, Meeting, Rules } from "../wire/types";

const AGAIN_MS = 20_000;
/** So many meetings are looked into; the others are rows. */
const LOOKED_INTO = 12;

export class CalendarState {
  meetings = $state.raw<readonly Listing[] | null>(null);
  /** Meeting → how it stands, for those of today and the next ones. */
  known = $state.raw<Readonly<Record<string, Meeting>>>({});
  /** Why the newest look failed; what was seen before stays on screen. */
  problem = $state.raw<string | null>(null);
  now = $state.raw(serverNow());
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly seen = (): void => {
    if (document.visibilityState === "visible") void this.look();
  };

  constructor(readonly me: string) {
    this.timer = setInterval(() => this.seen(), AGAIN_MS);
    document.addEventListener("visibilitychange", this.seen);
    void this.look();
  }

  readonly days = $derived.by((): Days => byDay(this.meetings ?? [], this.now));

  readonly waiting = $derived.by((): Waiting[] => {
    const all = Object.values(this.known).flatMap((meeting) => waitingFor(meeting, this.me));
    return all.sort((a, b) => Number(b.urgent) - Number(a.urgent));
  });

  async look(): Promise<void> {
    try {
      const { meetings } = await ask<{ meetings: Listing[] }>("GET", "/api/meetings");
      this.now = serverNow();
      const { today, ahead, past } = byDay(meetings, this.now);
      const wanted = [...today, ...ahead, ...past].slice(0, LOOKED_INTO);
      const states = await Promise.all(wanted.map((one) => stateOf(one.id)));
      this.known = Object.fromEntries(states.filter((one) => one !== null).map((one) => [one.id, one]));
      this.meetings = meetings;
      this.problem = null;
    } catch (error) {
      this.problem = refusalWords(error);
    }
  }

  close(): void {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }
}

/** A meeting as I may see it; null when it is not for me (any more). */
async function stateOf(id: string): Promise<Meeting | null> {
  try {
    return (await ask<{ state: Meeting }>("GET", `/api/meetings/${encodeURIComponent(id)}`)).state;
  } catch (error) {
    if (error instanceof Problem && error.code !== UNREACHABLE) return null;
    throw error;
  }
}

/** The types of meetings this house holds. */
export async function meetingKinds(): Promise<Rules[]> {
  return (await ask<{ kinds: Rules[] }>("GET", "/api/meeting-kinds")).kinds;
}

/** Begin a meeting; the id is the sender's own, so that a repeated request makes one meeting. */
export async function createMeeting(id: string, command: CreateMeeting): Promise<void> {
  const { answer } = await ask<{ answer: Answer }>("POST", "/api/meetings", { body: { id, command } });
  if (!answer.ok) throw new Problem(answer.code, answer.details);
}
