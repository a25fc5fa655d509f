import { type DBSchema, type IDBPDatabase, openDB } from "idb";

/**
 * What may wait for the line: ink, notes, and open votes that name their ballot. Nothing that steers the meeting. `id`
 * is the command's own and goes with every attempt.
 */
export type Waiting =
  | { readonly kind: "ink" | "note"; readonly id: string; readonly stream: string; readonly command: unknown }
  | {
      readonly kind: "vote";
      readonly id: string;
      readonly stream: string;
      readonly ballot: string;
      readonly secret: false;
      readonly command: unknown;
    };

/** Sent and answered (also a refusal is an answer); not sent: it waits on; or later: its stream waits, others go on. */
export type Delivery = "answered" | "unsent" | "later";

/** What to do at sign-out with what could not be sent: stay signed in, keep it sealed for next time, or throw it away. */
export type Leaving = "stay" | "keep" | "discard";

interface Sealed {
  /** Order of writing; given by the database. */
  seq?: number;
  readonly id: string;
  readonly person: string;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly box: ArrayBuffer;
}

/** Something to have at hand without a network, by its name; sealed like everything else here. */
interface Kept extends Omit<Sealed, "seq"> {
  readonly name: string;
}

interface Shelves extends DBSchema {
  outbox: { key: number; value: Sealed; indexes: { person: string; id: string } };
  keys: { key: string; value: CryptoKey };
  kept: { key: string; value: Kept };
}

const ALGORITHM = "AES-GCM";
/** Some browsers never answer once their store is broken; a vote does not wait for that. */
const OPEN_PATIENCE_MS = 4_000;

/** The shelves of this device, and whether they have been closed: then everything asked of them fails. */
interface Opened {
  readonly db: IDBPDatabase<Shelves>;
  isGone: boolean;
}

async function open(name: string): Promise<Opened> {
  let patience: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    patience = setTimeout(() => reject(new Error("The shelves of this device do not open.")), OPEN_PATIENCE_MS);
  });
  return Promise.race([opening(name), late]).finally(() => clearTimeout(patience));
}

async function opening(name: string): Promise<Opened> {
  let opened: Opened | null = null;
  const gone = (): void => void (opened && (opened.isGone = true));
  const db = await openDB<Shelves>(name, 2, {
    upgrade(db, before) {
      if (before < 1) {
        const outbox = db.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
        outbox.createIndex("person", "person");
        outbox.createIndex("id", "id", { unique: true });
        db.createObjectStore("keys");
      }
      db.createObjectStore("kept", { keyPath: "id" });
    },
    // A newer build wants the shelves rebuilt: an old page must not stand in its way.
    blocking: (_current, _blocked, event) => {
      (event.target as IDBDatabase).close();
      gone();
    },
    terminated: gone,
  });
  opened = { db, isGone: false };
  return opened;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/**
 * What one person has written and the server has not yet acknowledged. Each entry is sealed with the key that the
 * server releases at sign-in (AES-GCM, 256 bits), since tablets are shared; another person's entries are neither read
 * nor sent. Commands keep their ids, so that sending twice applies once.
 */
export class Outbox {
  /** How many wait. */
  waiting = $state(0);
  #sending: Promise<void> | null = null;
  #again = false;

  private constructor(
    private readonly shelves: Opened,
    private readonly person: string,
    private readonly key: CryptoKey,
  ) {}

  private get db(): IDBPDatabase<Shelves> {
    return this.shelves.db;
  }

  /** Nothing can be put in or read any more: another one has to be opened. What waits lies there still. */
  get isGone(): boolean {
    return this.shelves.isGone;
  }

  /** A full disk may have room again; whatever else fails, fails for good. */
  async #use<Found>(work: () => Promise<Found>): Promise<Found> {
    try {
      return await work();
    } catch (error) {
      if ((error as DOMException).name !== "QuotaExceededError") {
        this.shelves.isGone = true;
        this.db.close();
      }
      throw error;
    }
  }

  /**
   * At sign-in, with the 32 bytes the server releases. The key is kept on the device in a form that cannot be read out,
   * until sign-out: a tablet that restarts without a network must still find its own ink.
   */
  static async signIn(person: string, secret: Uint8Array<ArrayBuffer>, name = "hopso"): Promise<Outbox> {
    const key = await crypto.subtle.importKey("raw", secret, ALGORITHM, false, ["encrypt", "decrypt"]);
    const shelves = await open(name);
    const { db } = shelves;
    const others = (await db.getAllKeys("keys")).filter((kept) => kept !== person);
    await Promise.all(others.map((kept) => db.delete("keys", kept)));
    if (others.length > 0) await db.clear("kept");
    await db.put("keys", key, person);
    return Outbox.#ready(shelves, person, key);
  }

  /** After a restart without a network; null when this person is not signed in on this device. */
  static async resume(person: string, name = "hopso"): Promise<Outbox | null> {
    const shelves = await open(name);
    const { db } = shelves;
    const key = await db.get("keys", person);
    if (key) return Outbox.#ready(shelves, person, key);
    db.close();
    return null;
  }

  static async #ready(shelves: Opened, person: string, key: CryptoKey): Promise<Outbox> {
    const outbox = new Outbox(shelves, person, key);
    await outbox.#count();
    return outbox;
  }

  async #count(): Promise<void> {
    this.waiting = await this.db.countFromIndex("outbox", "person", this.person);
  }

  /** Put something in; it is on the device when this returns. The same id twice is the same thing once. */
  async add(waiting: Waiting): Promise<void> {
    if (waiting.kind === "vote" && waiting.secret !== false) throw new TypeError("A secret choice is never stored.");
    const sealed = await this.#close(waiting.id, waiting);
    await this.#use(async () => {
      const shelf = this.db.transaction("outbox", "readwrite");
      const known = await shelf.store.index("id").getKey(waiting.id);
      // A full disk fails either of them: both are waited for, or one failure would be nobody's.
      await Promise.all([known === undefined ? shelf.store.add(sealed) : null, shelf.done]);
    });
    await this.#use(() => this.#count());
  }

  /** The seal names the person and the command, so that an entry cannot be passed off as another. */
  #seal(iv: Uint8Array<ArrayBuffer>, id: string): AesGcmParams {
    return { name: ALGORITHM, iv, additionalData: bytes(`${this.person}\n${id}`) };
  }

  async #close(id: string, content: unknown): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const box = await crypto.subtle.encrypt(this.#seal(iv, id), this.key, bytes(JSON.stringify(content)));
    return { id, person: this.person, iv, box };
  }

  async #read<Content = Waiting>(sealed: Sealed): Promise<Content | null> {
    try {
      const plain = await crypto.subtle.decrypt(this.#seal(sealed.iv, sealed.id), this.key, sealed.box);
      return JSON.parse(new TextDecoder().decode(plain)) as Content;
    } catch {
      return null; // Sealed with a key that has been replaced, or damaged: nobody can read it any more.
    }
  }

  /** Send what waits, oldest first, until the line fails. Calls that overlap share one round, and add one more. */
  send(deliver: (waiting: Waiting) => Promise<Delivery>): Promise<void> {
    this.#again = this.#sending !== null;
    this.#sending ??= this.#use(() => this.#rounds(deliver)).finally(() => (this.#sending = null));
    return this.#sending;
  }

  async #rounds(deliver: (waiting: Waiting) => Promise<Delivery>): Promise<void> {
    do {
      this.#again = false;
      await this.#round(deliver);
    } while (this.#again);
  }

  async #round(deliver: (waiting: Waiting) => Promise<Delivery>): Promise<void> {
    const stopped = new Set<string>();
    for (const sealed of await this.db.getAllFromIndex("outbox", "person", this.person)) {
      const waiting = await this.#read(sealed);
      if (waiting && stopped.has(waiting.stream)) continue;
      const delivery = waiting === null ? "answered" : await deliver(waiting).catch((): Delivery => "unsent");
      if (delivery === "unsent") break;
      if (waiting && delivery === "later") {
        stopped.add(waiting.stream);
        continue;
      }
      if (sealed.seq !== undefined) await this.db.delete("outbox", sealed.seq);
    }
    await this.#count();
  }

  /** Everything of mine that waits, oldest first: after a restart it belongs on the page again. */
  async mine(): Promise<Waiting[]> {
    const all = await this.#use(() => this.db.getAllFromIndex("outbox", "person", this.person));
    const read = await Promise.all(all.map((sealed) => this.#read(sealed)));
    return read.filter((waiting) => waiting !== null);
  }

  /** Have something at hand for a start without a network, until sign-out; the same name replaces it. */
  async keep(name: string, content: unknown): Promise<void> {
    const sealed = await this.#close(`${this.person}/${name}`, content);
    await this.#use(() => this.db.put("kept", { name, ...sealed }));
  }

  /** What was kept by this name; null when nothing was. */
  async kept<Content>(name: string): Promise<Content | null> {
    const sealed = await this.#use(() => this.db.get("kept", `${this.person}/${name}`));
    return sealed === undefined ? null : this.#read<Content>(sealed);
  }

  /** Send what can be sent, ask about the rest; true when signed out. */
  async signOut(
    deliver: (waiting: Waiting) => Promise<Delivery>,
    ask: (waiting: number) => Promise<Leaving>,
  ): Promise<boolean> {
    await this.send(deliver);
    const leaving = this.waiting > 0 ? await ask(this.waiting) : "keep";
    if (leaving === "stay") return false;
    if (leaving === "discard") await this.#discard();
    await this.db.clear("kept");
    await this.db.delete("keys", this.person);
    this.db.close();
    return true;
  }

  async #discard(): Promise<void> {
    const shelf = this.db.transaction("outbox", "readwrite");
    const mine = await shelf.store.index("person").getAllKeys(this.person);
    await Promise.all(mine.map((seq) => shelf.store.delete(seq)));
    await shelf.done;
    await this.#count();
  }
}
