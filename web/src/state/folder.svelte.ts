/** My own papers: the list, what is on its way up, and what of them is on this device. Nobody else is shown any of it. */
import { type OwnPaper, type Shelved, isWorking, readable, versionsRemoved } from "../core/folder";
import { errorText, refusalWords } from "../i18n";
import { ask, Problem, UNREACHABLE } from "../wire/http";
import { sendFile } from "../wire/sendfile";
import type { Paper } from "../wire/types";
import type { Outbox } from "./outbox.svelte";
import { outboxOf } from "./outboxhere";
import { OwnPages } from "./ownpages.svelte";
import { Preload } from "./preload.svelte";
import { session } from "./session.svelte";
import { tabletHere } from "./tabletmark";

const AGAIN_MS = 1_500;
const SHELF = "folder";

/** A file on its way up. */
export interface OwnUpload {
  readonly id: string;
  readonly name: string;
  /** 0 to 1. */
  readonly share: number;
  readonly problem: string | null;
}

/** What is needed of the browser and the house; tests bring their own. */
export interface FolderParts {
  readonly offered: boolean;
  readonly ask: typeof ask;
  readonly send: typeof sendFile;
  readonly outbox: () => Promise<Pick<Outbox, "keep" | "kept"> | null>;
  readonly pages: OwnPages;
  /** Make the place for pages, or empty it of somebody else's. */
  readonly claim: () => Promise<void>;
  readonly withdraw: (version: string) => Promise<void>;
}

function partsOf(person: string): FolderParts {
  const preload = new Preload();
  return {
    // Whoever came by a code or a PIN is here for one meeting; a tablet on a seat is somebody else's next.
    offered: session.me?.only_meeting === "" && !tabletHere(),
    ask,
    send: sendFile,
    outbox: () => outboxOf(person),
    pages: new OwnPages({ caches: globalThis.caches, fetch: (...given) => fetch(...given) }),
    claim: () => preload.claim(person),
    withdraw: (version) => preload.withdraw(version),
  };
}

export class FolderState {
  shelved = $state.raw<Shelved | null>(null);
  uploads = $state.raw<readonly OwnUpload[]>([]);
  /** Why the newest look, or what was asked for last, failed; what was seen before stays on screen. */
  problem = $state.raw<string | null>(null);
  readonly offered: boolean;
  readonly pages: OwnPages;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    person: string,
    private readonly parts: FolderParts = partsOf(person),
  ) {
    this.offered = parts.offered;
    this.pages = parts.pages;
  }

  readonly papers = $derived.by((): readonly OwnPaper[] => this.shelved?.papers ?? []);
  /** Those that can be read, by their ids. */
  readonly readable = $derived.by((): Readonly<Record<string, Paper>> => readable(this.papers));

  /** What is on this device is shown at once, then what the server says. `claims`: nobody else makes the place for it. */
  async open(claims = true): Promise<void> {
    if (!this.offered) return;
    if (claims) await this.parts.claim().catch(() => undefined);
    const kept = await this.kept();
    this.shelved ??= kept;
    await this.look();
  }

  /** Ask the server; again and again while it works on a paper. */
  async look(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const found = await this.parts.ask<Shelved>("GET", "/api/folder");
      if (this.closed) return;
      await this.takeAway(versionsRemoved(this.papers, found.papers));
      this.shelved = found;
      this.problem = null;
      await this.keep(found);
    } catch (error) {
      // Without a network the list that was kept is what there is.
      if (!(error instanceof Problem && error.code === UNREACHABLE && this.shelved)) this.problem = refusalWords(error);
    }
    if (!this.closed && this.papers.some(isWorking)) this.timer = setTimeout(() => void this.look(), AGAIN_MS);
  }

  /** Have them all on this device. */
  async bring(): Promise<void> {
    if (this.offered && this.papers.length > 0) await this.pages.bring(Object.values(this.readable));
  }

  /** Send files up, one after the other. */
  async add(files: readonly File[]): Promise<void> {
    const waiting = files.map((file) => ({ file, id: this.begin(file.name) }));
    for (const { file, id } of waiting) {
      const onshare = (share: number): void => this.change(id, { share });
      const sent = await this.parts.send("POST", "/api/folder", file, onshare).answer;
      if ("code" in sent) this.change(id, { problem: errorText(sent.code, { ...sent.details }) });
      else this.forget(id);
      await this.look();
    }
  }

  /** Put what was said of an upload away. */
  forget(id: string): void {
    this.uploads = this.uploads.filter((upload) => upload.id !== id);
  }

  readonly rename = (paper: string, title: string): Promise<boolean> =>
    this.does(() => this.parts.ask("PUT", addressOf(paper), { body: { title } }));

  readonly redraw = (paper: string): Promise<boolean> =>
    this.does(() => this.parts.ask("POST", `${addressOf(paper)}/redraw`));

  /** Away for good: at the server, and here. */
  readonly remove = (paper: string): Promise<boolean> => this.does(() => this.parts.ask("DELETE", addressOf(paper)));

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.pages.stop();
  }

  private async does(what: () => Promise<unknown>): Promise<boolean> {
    try {
      await what();
    } catch (error) {
      this.problem = refusalWords(error);
      return false;
    }
    await this.look();
    return true;
  }

  private begin(name: string): string {
    const upload = { id: crypto.randomUUID(), name, share: 0, problem: null };
    this.uploads = [...this.uploads, upload];
    return upload.id;
  }

  private change(id: string, change: Partial<OwnUpload>): void {
    this.uploads = this.uploads.map((upload) => (upload.id === id ? { ...upload, ...change } : upload));
  }

  private async kept(): Promise<Shelved | null> {
    return (await this.parts.outbox().catch(() => null))?.kept<Shelved>(SHELF).catch(() => null) ?? null;
  }

  private async keep(shelved: Shelved): Promise<void> {
    // A full disk, or signed out a moment ago: the server has it.
    await (await this.parts.outbox().catch(() => null))?.keep(SHELF, shelved).catch(() => undefined);
  }

  /** Deleted here or on another device: pages and ink go from this one. */
  private async takeAway(versions: readonly string[]): Promise<void> {
    const outbox = versions.length > 0 ? await this.parts.outbox().catch(() => null) : null;
    for (const version of versions) {
      await this.parts.withdraw(version).catch(() => undefined);
      await outbox?.keep(`ink/${version}`, []).catch(() => undefined);
    }
  }
}

function addressOf(paper: string): string {
  return `/api/folder/${encodeURIComponent(paper)}`;
}
