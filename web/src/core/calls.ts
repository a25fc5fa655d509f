/** Calls for help from seats and sites: who sees them, and what they say. Pure. */
import type { Call, Meeting } from "../wire/types";

/** A call as those who help read it. */
export interface CallLine {
  readonly call: Call;
  readonly name: string;
  /** Where to go: the site, or the seat in the main room. */
  readonly place: string;
  /** Whole minutes since it was made. */
  readonly minutes: number;
}

/** All calls this tablet knows of: those nobody has answered first, the oldest first. */
export function callLines(meeting: Meeting, now: number): CallLine[] {
  const calls = Object.values(meeting.calls).sort(
    (a, b) => Number(a.answered_by !== "") - Number(b.answered_by !== "") || a.at - b.at,
  );
  return calls.map((call) => {
    const member = meeting.members[call.by];
    const site = meeting.sites[member ? member.site : call.by];
    const place = member ? [site?.name, member.seat].filter(Boolean).join(" · ") : (site?.room ?? "");
    const minutes = Math.max(0, Math.floor((now - call.at) / 60_000));
    return { call, name: member?.name ?? site?.name ?? "", place, minutes };
  });
}

/** My own call of a kind that is not done yet. */
export function ownCall(meeting: Meeting, me: string, kind: Call["kind"]): Call | null {
  return Object.values(meeting.calls).find((call) => call.by === me && call.kind === kind) ?? null;
}

/** Whether one can call now: from publication to the closing. */
export function mayCall(meeting: Meeting): boolean {
  return meeting.phase !== "draft" && meeting.phase !== "closed";
}
