import { fromBase64, toBase64 } from "../core/minutes";
import type { MinutesNode, MinutesPiece, MinutesRevision } from "../core/minutes";
import { MinutesText } from "../core/minutestext";
import type { Answer } from "../wire/commands";
import type { LiveEvent, StreamHandlers } from "../wire/follower";
import { Problem, UNREACHABLE, type Asked, type Details, type Method } from "../wire/http";
import type { MinutesShelf } from "./minutesshelf";

/** `saved`: the server has every letter. `saving`: some are on their way. `waiting`: they are kept on this device until
 * the line is back. `stopped`: the server refused them; `problem` says why. */
export type Saving = "saved" | "saving" | "waiting" | "stopped";

export interface MinutesParts {
  readonly meeting: string;
  /** Whether this person writes; others only see the text grow. */
  readonly writes: boolean;
  follow(stream: string, handlers: StreamHandlers): () => void;
  command(stream: string, command: unknown, options?: { id?: string; keep?: boolean }): Promise<Answer>;
  ask<T>(method: Method, path: string, asked?: Asked): Promise<T>;
  readonly shelf: MinutesShelf;
  /** Run something once after so many milliseconds; the returned function forgets it. */
  later(run: () => void, ms: number): () => void;
  freshId(): string;
  now(): number;
}

const TYPING_MS = 400;
const MEETING_MS = 1_500;
const AGAIN_MS = 5_000;
/** Base64 characters that fit into one message of the live line. */
const LIVE_LIMIT = 48_000;
/** The server lacks earlier edits, or these came damaged: the whole document mends both. */
const MENDED_BY_ALL: readonly string[] = ["minutes.update_gap", "minutes.update_malformed"];

/** The minutes of one meeting on this device: the text, what is saved, what is new, what was kept. */
export class MinutesDesk {
  readonly text: MinutesText;
  /** The text has been loaded. */
  ready = $state(false);
  saving = $state<Saving>("saved");
  /** When the server last confirmed, by its clock; 0 before. */
  savedAt = $state(0);
  /** The code of the last refusal, for `errorText`; empty when all is well. */
  problem = $state("");
  /** What its sentence names. */
  details = $state.raw<Details>({});
  /** What is typed lies on this device until the server has it; not so where the device refuses to keep anything. */
  keeps = $state(true);
  news = $state.raw<readonly MinutesPiece[]>([]);
  revisions = $state.raw<readonly MinutesRevision[]>([]);

  readonly #parts: MinutesParts;
  readonly #stream: string;
  readonly #path: string;
  #unfollow: () => void = () => undefined;
  #forgetSend: (() => void) | null = null;
  #forgetNews: () => void = () => undefined;
  #sentAll = false;
  #drafted = false;

  constructor(parts: MinutesParts) {
    this.#parts = parts;
    this.#stream = `minutes:${parts.meeting}`;
    this.#path = `/api/meetings/${encodeURIComponent(parts.meeting)}/minutes`;
    this.text = new MinutesText(() => this.#changed());
  }

  /** Load what an earlier visit could not send, then follow the minutes. */
  async start(): Promise<void> {
    const left = this.#parts.writes ? await this.#left() : null;
    if (left !== null) this.text.recover(left);
    this.#unfollow = this.#parts.follow(this.#stream, {
      onSnapshot: (state) => this.#opened(state as { update: string }),
      onEvents: (events) => events.forEach((event) => this.#happened(event)),
      onRefused: (code, details) => this.#tell(code, details),
    });
  }

  /** A shelf that cannot be read is empty: the minutes are written all the same. */
  async #left(): Promise<Uint8Array | null> {
    try {
      return await this.#parts.shelf.load();
    } catch {
      this.keeps = false;
      return null;
    }
  }

  #keepLeft(): void {
    this.#parts.shelf.keep(this.text.unsent).then(
      () => (this.keeps = true),
      () => (this.keeps = false),
    );
  }

  #tell(code: string, details: Details = {}): void {
    [this.problem, this.details] = [code, details];
  }

  stop(): void {
    this.#unfollow();
    this.#forgetNews();
    this.#forgetSend?.();
    this.#forgetSend = null;
  }

  /** Something happened in the meeting: ask in a moment what the minutes lack. */
  meetingMoved(): void {
    this.#forgetNews();
    this.#forgetNews = this.#parts.later(() => void this.refreshNews(), MEETING_MS);
  }

  /** The line came back or went. */
  lineChanged(up: boolean): void {
    if (this.saving === "saved" || this.saving === "stopped") return;
    this.saving = up ? "saving" : "waiting";
  }

  async refreshNews(): Promise<void> {
    if (!this.#parts.writes) return;
    const found = await this.#asked<{ news: MinutesPiece[] }>("GET", "/news");
    if (found !== null) this.news = found.news;
  }

  /** Chèn vào biên bản: these pieces of news, or all. */
  insert(ids: readonly string[] = []): Promise<boolean> {
    return this.#wish({ type: "minutes.insert", blocks: ids });
  }

  /** These are not wanted, until they change. */
  dismiss(ids: readonly string[] = []): Promise<boolean> {
    return this.#wish({ type: "minutes.dismiss", blocks: ids });
  }

  /** Keep the text as it stands, under a name. */
  async keep(label: string): Promise<boolean> {
    const done = await this.#wish({ type: "minutes.keep", label });
    if (done) await this.refreshRevisions();
    return done;
  }

  async refreshRevisions(): Promise<void> {
    const found = await this.#asked<{ revisions: MinutesRevision[] }>("GET", "/revisions");
    if (found !== null) this.revisions = found.revisions;
  }

  /** The text of a kept state, or null when it cannot be had now. */
  async revision(version: number): Promise<readonly MinutesNode[] | null> {
    const found = await this.#asked<{ content: MinutesNode[] }>("GET", `/revisions/${version}`);
    return found?.content ?? null;
  }

  /** Bring a kept state back as a new edit. */
  async restore(version: number): Promise<boolean> {
    const done = await this.#asked<Answer>("POST", "/restore", { revision: version, id: this.#parts.freshId() });
    await this.refreshRevisions();
    return done !== null;
  }

  #opened(state: { update: string }): void {
    this.text.receive(fromBase64(state.update));
    this.ready = true;
    if (this.#parts.writes && this.text.isEmpty && !this.#drafted) {
      this.#drafted = true;
      void this.insert();
    } else {
      void this.refreshNews();
    }
    if (this.text.unsent !== null) this.#changed();
  }

  #happened(event: LiveEvent): void {
    const { update, cause } = event.data as { update?: string; cause?: string };
    if (update) this.text.receive(fromBase64(update));
    if (cause === "drafted" || cause === "dismissed") this.meetingMoved();
  }

  #changed(): void {
    if (!this.#parts.writes) return;
    if (this.saving !== "waiting") this.saving = "saving";
    this.#keepLeft();
    this.#sendIn(TYPING_MS);
  }

  #sendIn(ms: number): void {
    this.#forgetSend ??= this.#parts.later(() => {
      this.#forgetSend = null;
      void this.#send();
    }, ms);
  }

  async #send(): Promise<void> {
    const parcel = this.ready ? this.text.next() : null;
    if (parcel === null) return;
    const answer = await this.#sendParcel(toBase64(parcel));
    if (answer.ok) this.#arrived(answer);
    else this.#refused(answer.code ?? "", answer.details);
  }

  async #sendParcel(update: string): Promise<Answer> {
    const command = { type: "minutes.update", update };
    if (update.length <= LIVE_LIMIT) return this.#parts.command(this.#stream, command, { keep: true });
    try {
      return await this.#parts.ask<Answer>("POST", `${this.#path}/updates`, {
        body: { update, id: this.#parts.freshId() },
      });
    } catch (error) {
      const { code, details } = problemOf(error);
      return { ok: false, now: this.#parts.now(), version: 0, code, details };
    }
  }

  #arrived(answer: Answer): void {
    this.text.arrived();
    this.#sentAll = false;
    this.#tell("");
    const left = this.text.unsent;
    this.#keepLeft();
    this.savedAt = answer.now;
    this.saving = left === null ? "saved" : "saving";
    if (left !== null) this.#sendIn(0);
  }

  #refused(code: string, details?: Details): void {
    if (MENDED_BY_ALL.includes(code) && !this.#sentAll) {
      this.#sentAll = true;
      this.text.sendWhole();
      this.#sendIn(0);
      return;
    }
    this.text.failed();
    if (code === UNREACHABLE) {
      this.saving = "waiting";
      this.#sendIn(AGAIN_MS);
      return;
    }
    this.saving = "stopped";
    this.#tell(code, details);
  }

  async #wish(command: unknown): Promise<boolean> {
    const answer = await this.#parts.command(this.#stream, command);
    // Somebody else took the same news in a moment earlier: nothing to tell.
    this.#tell(answer.ok || answer.code === "minutes.no_news" ? "" : (answer.code ?? ""), answer.details);
    await this.refreshNews();
    return answer.ok;
  }

  async #asked<T>(method: Method, path: string, body?: unknown): Promise<T | null> {
    try {
      return await this.#parts.ask<T>(method, this.#path + path, body === undefined ? {} : { body });
    } catch (error) {
      const { code, details } = problemOf(error);
      this.#tell(code, details);
      return null;
    }
  }
}

function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(UNREACHABLE);
}
