/** The ink of the papers that are open here: each layer is a stream of its own; what I draw goes out by the outbox. */
import type { Layer, Stroke } from "../core/ink";
import type { Act } from "../core/inkhistory";
import type { LiveEvent } from "../wire/follower";
import type { LiveClient } from "../wire/live";
import { InkBook } from "./ink.svelte";
import type { Delivery, Outbox, Waiting } from "./outbox.svelte";

interface Drawn extends Omit<Stroke, "layer"> {
  readonly kind: "stroke";
}

interface InkCommand {
  readonly stream: string;
  readonly command: unknown;
}

export class PapersInk {
  private readonly books = new Map<string, InkBook>();
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly live: LiveClient,
    private readonly me: string,
    private readonly outbox: () => Outbox | null,
  ) {}

  /** The book of a version, with the layers this person may read followed from now on. */
  book(version: string, layers: readonly Layer[]): InkBook {
    const known = this.books.get(version);
    if (known) return known;
    const book = new InkBook({
      by: this.me,
      fresh: () => crypto.randomUUID(),
      now: () => this.live.now(),
      send: (act) => this.send(version, act),
    });
    this.books.set(version, book);
    for (const layer of layers) this.follow(version, layer, book);
    return book;
  }

  /** The stream of a layer. */
  stream(version: string, layer: Layer): string {
    return `ink:${version}:${layer === "mine" ? this.me : layer}`;
  }

  /** Send what waits; after every reconnection and every stroke. */
  async flush(): Promise<void> {
    await this.outbox()?.send(this.deliver);
  }

  /** One entry of the outbox: also a refusal is an answer. */
  deliver = async (waiting: Waiting): Promise<Delivery> => {
    const answer = await this.live.command(waiting.stream, waiting.command, { id: waiting.id, keep: true });
    return answer.code === "live.ended" ? "unsent" : "answered";
  };

  close(): void {
    for (const end of this.ends.splice(0)) end();
  }

  private follow(version: string, layer: Layer, book: InkBook): void {
    const take = (drawn: Drawn): Stroke => ({ ...drawn, layer });
    const end = this.live.follow(this.stream(version, layer), {
      onSnapshot: (state) => book.receive((state as { strokes: Drawn[] }).strokes.map(take)),
      onEvents: (events) => {
        for (const event of events) receive(book, event, layer);
      },
    });
    this.ends.push(end);
  }

  private send(version: string, act: Act): void {
    const commands: InkCommand[] = [
      ...act.added.map((stroke) => ({ stream: this.stream(version, stroke.layer), command: added(stroke) })),
      ...act.removed.map((stroke) => ({
        stream: this.stream(version, stroke.layer),
        command: { type: "stroke.erase", id: stroke.id },
      })),
    ];
    for (const command of commands) void this.keep(command);
  }

  private async keep(command: InkCommand): Promise<void> {
    const outbox = this.outbox();
    if (outbox === null) {
      await this.live.command(command.stream, command.command, { keep: true });
      return;
    }
    await outbox.add({ kind: "ink", id: crypto.randomUUID(), ...command });
    await this.flush();
  }
}

function added(stroke: Stroke): unknown {
  const { id, page, tool, colour, width, points } = stroke;
  return { type: "stroke.add", stroke: { kind: "stroke", id, page, tool, colour, width, points } };
}

function receive(book: InkBook, event: LiveEvent, layer: Layer): void {
  if (event.type === "stroke.added") {
    book.receive([{ ...(event.data as Drawn), layer, by: event.by, at: event.at }]);
  } else if (event.type === "stroke.erased") {
    book.receive([], [(event.data as { id: string }).id]);
  }
}
