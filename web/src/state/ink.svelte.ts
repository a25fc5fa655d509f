import { type Ink, type Layer, type Mark, type MarkDraft, NO_INK, visible, withErased, withMarks } from "../core/ink";
import { type Act, NO_HISTORY, type Undone, redo, remembered, undo } from "../core/inkhistory";
import { type Bookmark, isBookmark } from "../core/marks";

export interface Author {
  /** The person who draws here. */
  readonly by: string;
  /** May rub out what others drew on shared layers: chair and secretary. */
  readonly tidies?: boolean;
  fresh: () => string;
  /** Milliseconds since the epoch, by the server's clock. */
  now: () => number;
  /** Hand what has just been drawn or erased to the outbox: private ink to my own devices, the rest to its stream. */
  send: (act: Act) => void;
}

/** The ink of one version of a paper: everybody's marks merged, and my own undo. */
export class InkBook {
  #ink = $state.raw<Ink>(NO_INK);
  #history = $state.raw(NO_HISTORY);

  constructor(private readonly author: Author) {}

  /** Whose book it is. */
  get me(): string {
    return this.author.by;
  }

  readonly canUndo = $derived(this.#history.done.length > 0);
  readonly canRedo = $derived(this.#history.undone.length > 0);

  /** Pages with ink of these layers. */
  marked(layers: ReadonlySet<Layer>): ReadonlySet<number> {
    const { marks, erased } = this.#ink;
    const seen = [...marks.values()].filter(
      (mark) => layers.has(mark.layer) && !isBookmark(mark) && !erased.has(mark.id),
    );
    return new Set(seen.map(({ page }) => page));
  }

  /** What is to be seen on a page, oldest first. */
  on(page: number, layers: ReadonlySet<Layer>): Mark[] {
    return visible(this.#ink, page, layers);
  }

  /** What somebody drew and nobody rubbed out, on all pages and layers. */
  drawnBy(person: string): Mark[] {
    const { marks, erased } = this.#ink;
    return [...marks.values()].filter(({ id, by }) => by === person && !erased.has(id));
  }

  /** My bookmarks, page by page. */
  readonly bookmarks = $derived.by((): readonly Bookmark[] => {
    const { marks, erased } = this.#ink;
    const kept = [...marks.values()].filter(isBookmark).filter(({ id }) => !erased.has(id));
    return kept.sort((a, b) => a.page - b.page || a.at - b.at);
  });

  /** Put a bookmark in, or another in its place. What the pen did last stays what is undone first. */
  bookmark(page: number, text: string, instead?: Bookmark): void {
    const { by, fresh, now } = this.author;
    const added: Bookmark = { kind: "bookmark", page, text, layer: "mine", id: fresh(), by, at: now() };
    this.#carryOut({ added: [added], removed: instead ? [instead] : [] });
  }

  /** Take a bookmark out. */
  unmark(bookmark: Bookmark): void {
    this.#carryOut({ added: [], removed: [bookmark] });
  }

  /** One's own marks can be rubbed out, and by who tidies up those of others. */
  erasable = (mark: Mark): boolean => mark.by === this.author.by || (this.author.tidies ?? false);

  /** Marks and tombstones that came from elsewhere. */
  receive(marks: readonly Mark[], erased: readonly string[] = []): void {
    this.#ink = withErased(withMarks(this.#ink, marks), erased);
  }

  /** Draw, write or stick on; `instead` of a mark of mine that goes with it. */
  draw(draft: MarkDraft, layer: Layer, instead?: Mark): void {
    const { by, fresh, now } = this.author;
    this.#do({ added: [{ ...draft, layer, id: fresh(), by, at: now() }], removed: instead ? [instead] : [] });
  }

  erase(ids: readonly string[]): void {
    const removed = ids.flatMap((id) => this.#ink.marks.get(id) ?? []).filter(this.erasable);
    if (removed.length > 0) this.#do({ added: [], removed });
  }

  undo(): void {
    this.#take(undo(this.#history, this.author.fresh));
  }

  redo(): void {
    this.#take(redo(this.#history, this.author.fresh));
  }

  #do(act: Act): void {
    this.#history = remembered(this.#history, act);
    this.#carryOut(act);
  }

  #take(undone: Undone | null): void {
    if (!undone) return;
    this.#history = undone.history;
    this.#carryOut(undone.act);
  }

  #carryOut(act: Act): void {
    const gone = act.removed.map(({ id }) => id);
    this.#ink = withErased(withMarks(this.#ink, act.added), gone);
    this.author.send(act);
  }
}
