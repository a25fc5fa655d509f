import type { Drawn, Layer, Mark } from "../core/ink";
import type { Act } from "../core/inkhistory";
import { type InkCommand, added, adding, erasing, fromEvents, fromSnapshot, inkStream } from "../core/inkwire";
import { digest } from "../wire/digest";
import type { StreamHandlers } from "../wire/follower";
import type { LiveClient } from "../wire/live";
import { Growing } from "./growing";
import { InkBook } from "./ink.svelte";
import type { Outbox, Waiting } from "./outbox.svelte";
import { Wets } from "./wets.svelte";

export interface PaperInkParts {
  readonly live: Pick<LiveClient, "follow" | "hint" | "now">;
  /** Where something can be kept, my own ink is there after a restart without a network. */
  readonly outbox: Pick<Outbox, "add" | "mine"> & Partial<Pick<Outbox, "keep" | "kept">>;
  /** Something waits in the outbox: send it. */
  sent: () => void;
  readonly version: string;
  readonly me: string;
  /** Layers that I may see on this paper. */
  readonly layers: readonly Layer[];
  /** Somebody who presents points on this version, or (null) does so no longer. */
  pointed?: (by: string, data: unknown) => void;
  /** Whether I may rub out what others drew on shared layers: chair and secretary. */
  readonly tidies?: boolean;
}

/** Own ink that the server has is written to the device when it has not changed for this long. */
const KEEP_MS = 1_000;

/** The ink of one version of a paper, kept in step with the server; what I draw goes through the outbox. */
export class PaperInk {
  readonly book: InkBook;
  readonly #wets = new Wets();
  readonly #known = new Map<Layer, Set<string>>();
  /** How to stop following each layer. */
  readonly #ends = new Map<Layer, () => void>();
  readonly #growing = new Growing((told) => this.parts.live.hint(this.#stream("all"), "stroke", told));
  #keeping: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: PaperInkParts) {
    const { live, me, layers } = parts;
    this.book = new InkBook({
      by: me,
      get tidies() {
        return parts.tidies ?? false;
      },
      fresh: () => crypto.randomUUID(),
      now: () => live.now(),
      send: this.#send,
    });
    this.see(layers);
    void this.#restore();
  }

  /** Follow these layers and no others; none when the paper is put away. Its ink stays where it is. */
  see(layers: readonly Layer[]): void {
    for (const [layer, end] of [...this.#ends]) {
      if (layers.includes(layer)) continue;
      end();
      this.#ends.delete(layer);
    }
    for (const layer of layers) {
      if (this.#ends.has(layer)) continue;
      this.#ends.set(layer, this.parts.live.follow(this.#stream(layer), this.#handlers(layer)));
    }
    if (layers.length === 0) this.#wets.clear();
  }

  #stream(layer: Layer): string {
    return inkStream(this.parts.version, layer, this.parts.me);
  }

  /** What others are drawing on a page now. */
  wets(page: number): Drawn[] {
    return this.#wets.on(page);
  }

  get #shelf(): string {
    return `ink/${this.parts.version}`;
  }

  /** My own ink that the server has: a tablet that restarts without a network shows it. */
  #keepSoon(): void {
    const { me, outbox } = this.parts;
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => {
      const own = this.book.drawnBy(me).filter(({ id, layer }) => this.#known.get(layer)?.has(id));
      // A full disk, or signed out a moment ago: the server has it.
      void outbox.keep?.(this.#shelf, own).catch(() => undefined);
    }, KEEP_MS);
  }

  /** What was here before a restart, for layers of which the server has not told yet. */
  async #recall(): Promise<void> {
    const kept = (await this.parts.outbox.kept?.<readonly Mark[]>(this.#shelf)) ?? [];
    const marks = kept.filter(({ layer }) => !this.#known.has(layer));
    for (const { layer } of marks) {
      const ids = marks.filter((mark) => mark.layer === layer).map(({ id }) => id);
      this.#known.set(layer, new Set(ids));
    }
    this.book.receive(marks);
  }

  /** Ink drawn before a restart belongs on the page, acknowledged or not. */
  async #restore(): Promise<void> {
    const { me, outbox, layers, live } = this.parts;
    await this.#recall();
    const waiting = await outbox.mine();
    for (const layer of layers) {
      const commands = waiting
        .filter((one) => one.stream === this.#stream(layer))
        .map((one) => one.command as InkCommand);
      this.book.receive(
        commands.flatMap((one) => added(one, { layer, by: me, at: live.now() }) ?? []),
        commands.flatMap((one) => (one.type === "stroke.erase" ? [one.id] : [])),
      );
    }
  }

  #send = (act: Act): void => {
    for (const { id, layer } of act.added) if (layer === "all") this.#growing.became(id);
    const wanted: readonly (readonly [Mark, InkCommand])[] = [
      ...act.added.map((mark) => [mark, adding(mark)] as const),
      ...act.removed.map((mark) => [mark, erasing(mark.id)] as const),
    ];
    void this.#keep(wanted.map(([{ layer }, command]) => [this.#stream(layer), command] as const));
  };

  async #keep(wanted: readonly (readonly [string, InkCommand])[]): Promise<void> {
    for (const [stream, command] of wanted) {
      await this.parts.outbox.add({ kind: "ink", id: crypto.randomUUID(), stream, command });
    }
    this.parts.sent();
  }

  /** The server refused a mark: it goes from the page again. */
  refused({ command }: Waiting): void {
    const { live, me } = this.parts;
    const mark = added(command as InkCommand, { layer: "mine", by: me, at: live.now() });
    if (!mark) return;
    this.book.receive([], [mark.id]);
    this.#growing.settled([mark.id]);
  }

  #handlers(layer: Layer): StreamHandlers {
    return {
      onSnapshot: (state) => {
        const marks = fromSnapshot(state, layer);
        const now = new Set(marks.map(({ id }) => id));
        const before = this.#known.get(layer) ?? new Set<string>();
        this.#known.set(layer, now);
        this.book.receive(
          marks,
          [...before].filter((id) => !now.has(id)),
        );
        this.#growing.settled(now);
        this.#keepSoon();
      },
      onEvents: (events) => {
        const { marks, erased } = fromEvents(events, layer);
        const known = this.#known.get(layer) ?? new Set<string>();
        for (const { id, by } of marks) {
          known.add(id);
          this.#wets.forget(by);
        }
        for (const id of erased) known.delete(id);
        this.#known.set(layer, known);
        this.book.receive(marks, erased);
        this.#growing.settled(marks.map(({ id }) => id));
        if (marks.some(({ by }) => by === this.parts.me) || erased.length > 0) this.#keepSoon();
      },
      onHint: (hints) => {
        for (const { type, by, data } of hints) {
          if (type === "stroke" && by !== this.parts.me) this.#wets.heard(by, data);
          else if (type === "pointer" && layer === "all") this.parts.pointed?.(by, data);
        }
      },
      digestOf: () => {
        const known = this.#known.get(layer);
        return known && digest([...known].sort());
      },
    };
  }

  /** Tell others the line under my pen, where it is for all; the rest is told to nobody before it is kept. */
  hint(wet: Drawn | null, layer: Layer): void {
    if (layer === "all") this.#growing.put(wet);
  }

  close(): void {
    this.#growing.stop();
    this.see([]);
  }
}
