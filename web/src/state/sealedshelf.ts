/** The shelf of unsent minutes under a seal that only their writer can open: tablets and desks are shared. */
import { ask } from "../wire/http";
import { shelfOf, type MinutesShelf, type Seal } from "./minutesshelf";

const IV_OCTETS = 12;
/** Without the key nothing is kept on the disk of a device that others use too; whoever writes is told. */
const refuse = (): Promise<never> => Promise.reject(new Error("Nothing is kept on this device."));
const NOWHERE: MinutesShelf = { load: refuse, keep: refuse };

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

/** The shelf of this person and meeting on this device; nowhere while the key cannot be had. */
export async function sealedShelf(person: string, meeting: string): Promise<MinutesShelf> {
  try {
    const { key } = await ask<{ key: string }>("POST", "/api/outbox-key");
    const secret = Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
    return shelfOf(person, meeting, await sealWith(secret));
  } catch {
    return NOWHERE;
  }
}
