/** The ink of the papers that are open here, one `PaperInk` a version; only what is looked at is followed. */
import { untrack } from "svelte";
import type { Drawn, Layer } from "../core/ink";
import type { Answer } from "../wire/commands";
import type { LiveClient } from "../wire/live";
import type { InkBook } from "./ink.svelte";
import { putInto } from "./delivery";
import type { Outbox, Waiting } from "./outbox.svelte";
import { PaperInk } from "./paperink.svelte";

export interface PapersInkParts {
  /** What is drawn waits here; null where nothing can be kept, and then it goes out at once or not at all. */
  outbox: () => Promise<Outbox | null>;
  /** Something was put into the outbox: send it. */
  sent: () => void;
  /** The server has answered what could not be kept and went out at once. */
  answered: (waiting: Waiting, answer: Answer) => void;
  /** Somebody points on a version. */
  pointed: (version: string, by: string, data: unknown) => void;
  /** Whether I may rub out what others drew on shared layers. */
  tidies: () => boolean;
}

export class PapersInk {
  private readonly papers = new Map<string, PaperInk>();
  private readonly outbox: () => Promise<Outbox | null>;

  constructor(
    private readonly live: LiveClient,
    private readonly me: string,
    outbox: () => Promise<Outbox | null> | null,
    private readonly parts: Partial<Omit<PapersInkParts, "outbox">> = {},
  ) {
    this.outbox = async () => outbox();
  }

  /** The book of a version, with these layers followed from now on. */
  book(version: string, layers: readonly Layer[]): InkBook {
    return this.paper(version, layers).book;
  }

  /** What others are drawing on a page now. */
  wets(version: string, page: number): readonly Drawn[] {
    return this.papers.get(version)?.wets(page) ?? [];
  }

  /** A line begun on a version that has been put away since belongs there. */
  drawElsewhere(version: string, draft: Drawn, layer: Layer): void {
    this.papers.get(version)?.book.draw(draft, layer);
  }

  /** Tell others the line under my pen; null when it is up. */
  hint(version: string, wet: Drawn | null, layer: Layer): void {
    this.papers.get(version)?.hint(wet, layer);
  }

  /** These versions are open; the others are followed no longer, and catch up when they are opened again. */
  only(versions: readonly string[]): void {
    for (const [version, paper] of this.papers) if (!versions.includes(version)) paper.close();
  }

  /** The server refused what was sent: a stroke goes from the page again. */
  refused(waiting: Waiting): void {
    this.papers.get(waiting.stream.split(":")[1] ?? "")?.refused(waiting);
  }

  close(): void {
    for (const paper of this.papers.values()) paper.close();
    this.papers.clear();
  }

  // Screens ask for a book while they are computed: opening one must not count as something they depend on.
  private paper(version: string, layers: readonly Layer[]): PaperInk {
    return untrack(() => {
      const known = this.papers.get(version);
      if (known) known.see(layers);
      else this.papers.set(version, this.opened(version, layers));
      return this.papers.get(version)!;
    });
  }

  private opened(version: string, layers: readonly Layer[]): PaperInk {
    const { parts } = this;
    return new PaperInk({
      live: this.live,
      outbox: {
        add: (waiting) => this.add(waiting),
        mine: async () => (await (await this.outbox())?.mine().catch(() => [])) ?? [],
        keep: async (name, content) => (await this.outbox())?.keep(name, content),
        kept: async <Content>(name: string) =>
          (await (await this.outbox())?.kept<Content>(name).catch(() => null)) ?? null,
      },
      sent: () => parts.sent?.(),
      pointed: (by, data) => parts.pointed?.(version, by, data),
      version,
      me: this.me,
      layers,
      get tidies() {
        return parts.tidies?.() ?? false;
      },
    });
  }

  private async add(waiting: Waiting): Promise<void> {
    if (await putInto(await this.outbox(), waiting)) return;
    const { id, stream, command } = waiting;
    // The next stroke does not wait for this one's answer.
    void this.live
      .command(stream, command, { id, keep: true })
      .then((answer) => this.parts.answered?.(waiting, answer));
  }
}
