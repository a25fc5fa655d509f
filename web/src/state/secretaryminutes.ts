/** The minutes of a meeting on this device: wired to the line, and to a shelf that only their writer can open. */
import { ask } from "../wire/http";
import { line } from "./line";
import { MinutesDesk } from "./minutes.svelte";
import { shelfOf, type MinutesShelf, type Seal } from "./minutesshelf";

const IV_OCTETS = 12;
/** Without the key nothing is kept on the disk of a device that others use too. */
const NOWHERE: MinutesShelf = { load: () => Promise.resolve(null), keep: () => Promise.resolve() };

/** Seals bytes with the person's key (AES-GCM, 256 bits): a fresh nonce before the box. */
export async function sealWith(secret: Uint8Array<ArrayBuffer>): Promise<Seal> {
  const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt", "decrypt"]);
  return {
    close: async (bytes) => {
      const iv = crypto.getRandomValues(new Uint8Array(IV_OCTETS));
      const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes.slice());
      return new Uint8Array([...iv, ...new Uint8Array(box)]);
    },
    open: async (sealed) => {
      const iv = sealed.slice(0, IV_OCTETS);
      return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed.slice(IV_OCTETS)));
    },
  };
}

async function shelf(person: string, meeting: string): Promise<MinutesShelf> {
  try {
    const { key } = await ask<{ key: string }>("POST", "/api/outbox-key");
    const secret = Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
    return shelfOf(person, meeting, await sealWith(secret));
  } catch {
    return NOWHERE;
  }
}

/** The minutes, loading and following; `stop()` ends it. */
export async function openMinutes(meeting: string, person: string, writes: boolean): Promise<MinutesDesk> {
  const live = line();
  const desk = new MinutesDesk({
    meeting,
    writes,
    follow: (stream, handlers) => live.follow(stream, handlers),
    command: (stream, command, options) => live.command(stream, command, options),
    ask,
    shelf: await shelf(person, meeting),
    later: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    freshId: () => crypto.randomUUID(),
    now: () => live.now(),
  });
  void desk.start();
  return desk;
}
