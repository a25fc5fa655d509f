/** The minutes as this device holds them: a Yjs document, and the edits the server has not acknowledged yet. */
import * as Y from "yjs";

/** Where TipTap's Collaboration keeps the text. */
export const FIELD = "default";

const REMOTE = Symbol("remote");

export class MinutesText {
  readonly doc = new Y.Doc();
  /** Edits made here, oldest first, that nobody else has yet. */
  #waiting: Uint8Array[] = [];
  /** How many of them are on their way. */
  #sent = 0;

  /** `changed` is called after every edit made on this device. */
  constructor(changed: () => void) {
    this.doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === REMOTE) return;
      this.#waiting.push(update);
      changed();
    });
  }

  /** Take in what the server has; doing it twice changes nothing. */
  receive(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update, REMOTE);
  }

  /** Take up edits that an earlier visit could not send. */
  recover(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update, REMOTE);
    this.#waiting.unshift(update);
  }

  /** Everything not acknowledged, as one update; null when the server has it all. */
  get unsent(): Uint8Array | null {
    return this.#waiting.length === 0 ? null : Y.mergeUpdates(this.#waiting);
  }

  /** The next edits to send, as one update; null when there are none or some are under way. */
  next(): Uint8Array | null {
    if (this.#sent > 0 || this.#waiting.length === 0) return null;
    this.#sent = this.#waiting.length;
    return Y.mergeUpdates(this.#waiting);
  }

  /** What `next` gave has arrived. */
  arrived(): void {
    this.#waiting.splice(0, this.#sent);
    this.#sent = 0;
  }

  /** What `next` gave has not arrived; it stays in the queue. */
  failed(): void {
    this.#sent = 0;
  }

  /** The server lacks something: queue the whole document, which holds every edit. */
  sendWhole(): void {
    this.#waiting = [Y.encodeStateAsUpdate(this.doc)];
    this.#sent = 0;
  }

  /** Whether nothing was ever written or drafted. */
  get isEmpty(): boolean {
    return this.doc.getXmlFragment(FIELD).length === 0 && this.doc.getMap("known").size === 0;
  }
}

/** The document's paragraphs as lines of text; empty ones are left out. */
export function linesNow(doc: Y.Doc): string[] {
  return linesIn(doc.getXmlFragment(FIELD).toArray());
}

function linesIn(nodes: readonly unknown[]): string[] {
  return nodes.flatMap((node) => {
    if (!(node instanceof Y.XmlElement)) return [];
    const inner: unknown[] = node.toArray();
    if (inner.some((part) => part instanceof Y.XmlElement && part.nodeName !== "hardBreak")) return linesIn(inner);
    const line = inner.map((part) => (part instanceof Y.XmlText ? plain(part) : " ")).join("");
    return line.trim() === "" ? [] : [line];
  });
}

const plain = (text: Y.XmlText): string =>
  (text.toDelta() as { insert: unknown }[]).map(({ insert }) => (typeof insert === "string" ? insert : "")).join("");
