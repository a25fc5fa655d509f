/** Edits of the minutes that the server does not have yet, kept on this device across reloads and power cuts. */
import { openDB, type IDBPDatabase } from "idb";

/** Where unsent edits lie. One parcel a person and meeting: another person's is never read. */
export interface MinutesShelf {
  load(): Promise<Uint8Array | null>;
  /** Replaces what lies there; null clears it. Resolves when it is on the disk. */
  keep(update: Uint8Array | null): Promise<void>;
}

/** Makes bytes unreadable without the signed-in person's key, because tablets are shared. */
export interface Seal {
  close(bytes: Uint8Array): Promise<Uint8Array>;
  open(bytes: Uint8Array): Promise<Uint8Array>;
}

const STORE = "unsent";
const PLAIN: Seal = { close: async (bytes) => bytes, open: async (bytes) => bytes };

let opened: Promise<IDBPDatabase> | null = null;

/** One connection for all; one that failed or was closed is opened anew. */
function database(): Promise<IDBPDatabase> {
  opened ??= openDB("hopso-minutes", 1, {
    upgrade: (db) => void db.createObjectStore(STORE),
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
      opened = null;
    },
    terminated: () => (opened = null),
  });
  opened.catch(() => (opened = null));
  return opened;
}

/** Whatever fails for another reason than a full disk fails for good on this connection. */
async function using<Found>(work: (db: IDBPDatabase) => Promise<Found>): Promise<Found> {
  const db = await database();
  try {
    return await work(db);
  } catch (error) {
    if ((error as DOMException).name !== "QuotaExceededError") opened = null;
    throw error;
  }
}

/** The meetings whose minutes this person wrote on this device and the server does not have yet. */
export async function meetingsOnShelf(person: string): Promise<string[]> {
  const keys = await using((db) => db.getAllKeys(STORE));
  const mine = keys.map(String).filter((key) => key.startsWith(`${person}/`));
  return mine.map((key) => key.slice(person.length + 1));
}

/** The shelf of one person and meeting. Writes follow each other; of those that wait only the newest is written. */
export function shelfOf(person: string, meeting: string, seal: Seal = PLAIN): MinutesShelf {
  const key = `${person}/${meeting}`;
  let writing: Promise<void> | null = null;
  let newest: { update: Uint8Array | null } | null = null;

  async function write(): Promise<void> {
    try {
      while (newest !== null) {
        const { update }: { update: Uint8Array | null } = newest;
        newest = null;
        const sealed = update && (await seal.close(update));
        await using<unknown>((db) => (sealed === null ? db.delete(STORE, key) : db.put(STORE, sealed, key)));
      }
    } finally {
      // At once with the last look at `newest`: what is handed over from now on starts a writing of its own.
      writing = null;
    }
  }

  return {
    async load() {
      const found = (await using((db) => db.get(STORE, key))) as Uint8Array | undefined;
      return found === undefined ? null : seal.open(Uint8Array.from(found));
    },
    keep(update) {
      newest = { update };
      writing ??= write();
      return writing;
    },
  };
}
