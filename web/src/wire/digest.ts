/** The digest by which a tablet and the server find out whether they hold the same state. */
import { canonical } from "../core/canonical";

/** SHA-256 of the canonical form, in hexadecimal; as `digest` in `server/canonical.py`. */
export async function digest(value: unknown): Promise<string> {
  const octets = new TextEncoder().encode(canonical(value));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", octets));
  return Array.from(hash, (octet) => octet.toString(16).padStart(2, "0")).join("");
}
