/** What is drawn over the shared screen: mine and that of others, as long as this screen is shared and shown here. */
import type { Drawn, Layer, Mark } from "../core/ink";
import type { Act } from "../core/inkhistory";
import { adding, erasing, fromSnapshot } from "../core/inkwire";
import { PICTURE, finished, markOf, screenStream } from "../core/screenink";
import { errorText } from "../i18n";
import type { Answer } from "../wire/commands";
import type { StreamHandlers } from "../wire/follower";
import { Growing } from "./growing";
import { InkBook } from "./ink.svelte";
import { type MeetingState, presents, seesDesk } from "./meeting.svelte";
import { Pointing, type Seen } from "./pointing.svelte";
import { Wets } from "./wets.svelte";

const LAYERS: ReadonlySet<Layer> = new Set(["all"]);

export class ScreenInk {
  readonly book: InkBook;
  readonly pointing: Pointing;
  readonly #wets = new Wets();
  readonly #stream: string;
  readonly #known = new Set<string>();
  readonly #growing = new Growing((told) => this.standing.live.hint(this.#stream, "stroke", told));
  readonly #end: () => void;

  constructor(private readonly standing: MeetingState) {
    const { live, me, id } = standing;
    this.#stream = screenStream(id);
    const tidies = (): boolean => this.tidies;
    this.book = new InkBook({
      by: me,
      get tidies() {
        return tidies();
      },
      fresh: () => crypto.randomUUID(),
      now: () => live.now(),
      send: this.#send,
    });
    this.pointing = new Pointing(live, me, (version) => version);
    this.#end = live.follow(this.#stream, this.#handlers());
  }

  private readonly isMine = $derived.by(() => this.standing.meeting?.sharing === this.standing.me);
  /** Whether I may draw and point: whoever may present, and whoever shares the screen. */
  readonly mayDraw = $derived.by(() => this.isMine || presents(this.standing.roles));
  /** Whether I may rub out what others drew: the desk, and whoever shares the screen. */
  readonly tidies = $derived.by(() => this.isMine || seesDesk(this.standing.roles));
  readonly marks = $derived.by((): readonly Mark[] => this.book.on(PICTURE, LAYERS));

  /** What others are drawing now. */
  get wets(): readonly Drawn[] {
    return this.#wets.on(PICTURE);
  }

  get pointed(): readonly Seen[] {
    return this.pointing.on(this.#stream, PICTURE);
  }

  point(point: Parameters<Pointing["move"]>[1] | null): void {
    if (point) this.pointing.move(this.#stream, point);
    else this.pointing.lift();
  }

  draw(drawn: Drawn): void {
    this.book.draw(finished(drawn), "all");
  }

  /** Tell others the line under my pen; null when it is up. */
  hint(wet: Drawn | null): void {
    this.#growing.put(wet);
  }

  /** Everything goes that I may rub out. */
  clear(): void {
    void this.#ask({ type: "marks.clear" });
  }

  close(): void {
    this.#growing.stop();
    this.pointing.close();
    this.#end();
  }

  #send = (act: Act): void => {
    for (const mark of act.added) {
      this.#growing.became(mark.id);
      void this.#ask(adding(mark)).then((answer) => !answer.ok && this.#refused(mark.id));
    }
    for (const { id } of act.removed) void this.#ask(erasing(id));
  };

  #refused(id: string): void {
    this.book.receive([], [id]);
    this.#growing.settled([id]);
  }

  async #ask(command: unknown): Promise<Answer> {
    const answer = await this.standing.live.command(this.#stream, command, { keep: true });
    // What was drawn in the moment the sharing ended goes with it, and nobody need be told.
    const isOver = answer.code === "screen.not_shared" || answer.code === "live.ended";
    if (!answer.ok && !isOver) this.standing.problem = errorText(answer.code ?? "", answer.details);
    return answer;
  }

  #handlers(): StreamHandlers {
    return {
      onSnapshot: (state) => {
        const marks = fromSnapshot(state, "all");
        const now = new Set(marks.map(({ id }) => id));
        const gone = [...this.#known].filter((id) => !now.has(id));
        this.#known.clear();
        for (const id of now) this.#known.add(id);
        this.book.receive(marks, gone);
        this.#growing.settled(now);
      },
      onEvents: () => undefined,
      onStatus: (topic, value) => this.#heard(topic, value),
      onHint: (hints) => {
        for (const { type, by, data } of hints) {
          if (type === "pointer") this.pointing.heard(this.#stream, by, data);
          else if (type === "stroke" && by !== this.standing.me) this.#wets.heard(by, data);
        }
      },
    };
  }

  #heard(topic: string, value: unknown): void {
    const said = markOf(topic, value);
    if (said === null) return;
    const { id, mark } = said;
    if (mark === null) {
      this.#known.delete(id);
      this.book.receive([], [id]);
      return;
    }
    this.#known.add(id);
    this.#wets.forget(mark.by);
    this.book.receive([mark]);
    this.#growing.settled([id]);
  }
}
