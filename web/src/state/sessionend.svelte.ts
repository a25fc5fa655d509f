/** Leaving a shared tablet: what was written goes to the server or is asked about, and nothing of the person stays. */
import { deliveryBy } from "./delivery";
import { hangUp, line } from "./line";
import { minutesLeft } from "./minutesleft";
import type { Delivery, Leaving, Waiting } from "./outbox.svelte";
import { forgetOutbox, outboxOf } from "./outboxhere";
import { Preload } from "./preload.svelte";
import { session } from "./session.svelte";

class SessionEnd {
  /** How many strokes, votes and minutes could not be sent, while the person is asked what to do with them. */
  waiting = $state<number | null>(null);
  /** The first step, sending, is under way. */
  busy = $state(false);
  #answer: ((leaving: Leaving) => void) | null = null;

  /** Sign out of this device; false when the person stays. Every screen's "Đăng xuất". */
  async signOut(): Promise<boolean> {
    const person = session.me?.person;
    if (!person || this.busy) return false;
    this.busy = true;
    try {
      const outbox = await outboxOf(person);
      const minutes = await minutesLeft(person);
      // Whatever becomes of the shelves of this device: nobody is kept signed in by them.
      await Promise.all([outbox?.send(deliver).catch(() => undefined), minutes.send()]);
      const waiting = (outbox?.waiting ?? 0) + minutes.meetings.length;
      const leaving = waiting > 0 ? await this.#ask(waiting) : "keep";
      if (leaving === "stay") return false;
      if (leaving === "discard") await minutes.discard();
      await outbox?.signOut(deliver, () => Promise.resolve(leaving)).catch(() => undefined);
      hangUp();
      const pages = new Preload();
      await pages.clear().catch(() => undefined);
      await session.leave();
      // Again: a page that was on its way when the session ended may have been kept meanwhile.
      await pages.clear().catch(() => undefined);
      // Last: until the session is over a screen that is still open could fetch the key again.
      forgetOutbox();
      return true;
    } finally {
      this.busy = false;
      this.waiting = null;
    }
  }

  /** What the person chose to do with what could not be sent. */
  answer(leaving: Leaving): void {
    this.#answer?.(leaving);
    this.#answer = null;
    this.waiting = null;
  }

  #ask = (waiting: number): Promise<Leaving> => {
    this.waiting = waiting;
    return new Promise((resolve) => (this.#answer = resolve));
  };
}

/** One attempt at each; without a line nobody waits for it. */
function deliver(waiting: Waiting): Promise<Delivery> {
  const live = line();
  if (live.line.since !== null) return Promise.resolve("unsent");
  return deliveryBy(live, () => undefined)(waiting);
}

export const sessionEnd = new SessionEnd();
