/** At sign-out: minutes that were written on this device and never reached the server. */
import { toBase64 } from "../core/minutes";
import { ask } from "../wire/http";
import { meetingsOnShelf, shelfOf } from "./minutesshelf";
import { sealedShelf } from "./sealedshelf";

export interface MinutesLeft {
  /** Whose minutes lie here unsent. */
  readonly meetings: readonly string[];
  /** One attempt at each: what the server took no longer lies here. */
  send(): Promise<void>;
  discard(): Promise<void>;
}

/** What of the minutes this person left on this device. A device that keeps nothing has nothing left. */
export async function minutesLeft(person: string): Promise<MinutesLeft> {
  let meetings = await meetingsOnShelf(person).catch((): string[] => []);
  return {
    get meetings() {
      return meetings;
    },
    async send() {
      for (const meeting of meetings) await sendFrom(person, meeting).catch(() => undefined);
      meetings = await meetingsOnShelf(person).catch((): string[] => []);
    },
    async discard() {
      await Promise.all(meetings.map((meeting) => shelfOf(person, meeting).keep(null)));
      meetings = [];
    },
  };
}

async function sendFrom(person: string, meeting: string): Promise<void> {
  const shelf = await sealedShelf(person, meeting);
  const update = await shelf.load();
  if (update === null) return;
  const path = `/api/meetings/${encodeURIComponent(meeting)}/minutes/updates`;
  await ask("POST", path, { body: { update: toBase64(update), id: crypto.randomUUID() } });
  await shelf.keep(null);
}
