import type { Drawn, Mark as Kept } from "../core/ink";
import { type PenChoice, firstChoice, isForm, isTyped } from "../core/pens";
import { type Box, type Paper, type Spot, type View, heightOf, scaleOf, toPage } from "../core/viewport";
import { type Mark, Pen } from "./pen";
import { Shaping } from "./shaping";

/** Who hears of what a hand does with a pen. */
export interface WritingHooks {
  ondrawn?: (drawn: Drawn) => void;
  onerase?: (ids: string[]) => void;
  onwet?: (wet: Drawn | null) => void;
  /** Words are wanted at a spot of the page. */
  onplace?: (tool: "note" | "comment", page: number, spot: Spot) => void;
  /** A pen came down with nothing in hand: take this up, on the layer `mine`. */
  onpen?: (pen: PenChoice) => void;
}

/** The pen on a page: what it draws with, over what, and who hears of it. `Sheet` names the page written on. */
export interface Written<Sheet extends { page: number; paper: Paper }> {
  readonly sheet: Sheet;
  readonly pen: PenChoice | null;
  readonly marks: readonly Kept[];
  erasable: (mark: Kept) => boolean;
  readonly view: View;
  readonly box: Box;
  readonly hooks: WritingHooks;
}

/** Radius of the eraser on the screen, in CSS pixels. */
const ERASER_PX = 12;

/** A line, a shape or a rub of the eraser under way, as state: the sheet it holds, what is wet and what is rubbed out. */
export class Writing<Sheet extends { page: number; paper: Paper }> {
  /** The sheet under the pen; it stays until the pen is up, so that a turned page takes no half line along. */
  held = $state.raw<Sheet | null>(null);
  wet = $state.raw<Drawn | null>(null);
  rubbed = $state.raw<ReadonlySet<string>>(new Set());
  readonly #pen: Pen;
  readonly #shape: Shaping;
  #place: { tool: "note" | "comment"; spot: Spot } | null = null;

  constructor(private readonly written: () => Written<Sheet>) {
    const onwet = (wet: Drawn | null): void => {
      this.wet = wet;
      written().hooks.onwet?.(wet);
    };
    this.#pen = new Pen({
      onwet,
      onrub: (ids) => (this.rubbed = ids),
      onstroke: (stroke) => written().hooks.ondrawn?.(stroke),
      onerase: (ids) => written().hooks.onerase?.(ids),
    });
    this.#shape = new Shaping(onwet, (shape) => written().hooks.ondrawn?.(shape));
  }

  #onPage = (mark: Mark): Mark => {
    const { view, box } = this.written();
    const spot: Spot = toPage(mark, view, box);
    return { ...spot, pressure: mark.pressure };
  };

  get #radius(): number {
    const { view, box } = this.written();
    return ERASER_PX / scaleOf(view, box);
  }

  down = (what: "draw" | "erase", mark: Mark): void => {
    const { sheet, pen, marks, erasable } = this.written();
    this.held = sheet;
    if (what === "erase") this.#pen.erase(marks.filter(erasable), this.#onPage(mark), this.#radius);
    else this.#draw(pen ?? this.#takenUp(), sheet, this.#onPage(mark));
  };

  #draw({ tool, colour, width }: PenChoice, { page, paper }: Sheet, at: Mark): void {
    const bottom = heightOf(paper);
    if (isTyped(tool)) this.#place = { tool, spot: at };
    else if (isForm(tool)) this.#shape.begin({ kind: "shape", page, form: tool, colour, width }, at, bottom);
    else if (tool !== "eraser") this.#pen.draw({ tool, colour, width, page, bottom }, at);
  }

  #takenUp(): PenChoice {
    const pen = firstChoice("pen", "mine");
    this.written().hooks.onpen?.(pen);
    return pen;
  }

  drag = (what: "draw" | "erase", marks: readonly Mark[]): void => {
    const onPage = marks.map(this.#onPage);
    const last = onPage.at(-1);
    if (what === "erase") return this.#pen.rub(onPage, this.#radius);
    this.#pen.add(onPage);
    if (last) this.#shape.drag(last);
  };

  lift = (): void => {
    const [place, page] = [this.#place, this.held?.page];
    if (this.#pen.down) this.#pen.lift();
    this.#shape.lift();
    this.#forget();
    if (place && page) this.written().hooks.onplace?.(place.tool, page, place.spot);
  };

  /** Whether words are what would be put on the page. */
  get takesWords(): boolean {
    const tool = this.written().pen?.tool;
    return tool !== undefined && isTyped(tool);
  }

  /** By key, words go into the middle of what is seen: the arrows bring the right place there. */
  key({ key, target, currentTarget }: KeyboardEvent): boolean {
    const { pen, sheet, view, box, hooks } = this.written();
    if (key !== "Enter" || target !== currentTarget || !pen || !isTyped(pen.tool)) return false;
    hooks.onplace?.(pen.tool, sheet.page, toPage({ x: box.width / 2, y: box.height / 2 }, view, box));
    return true;
  }

  cancel = (): void => {
    this.#pen.cancel();
    this.#shape.cancel();
    this.#forget();
  };

  #forget(): void {
    this.held = null;
    this.#place = null;
  }
}
