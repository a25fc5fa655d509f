import type { Draft, Stroke } from "../core/ink";
import { type PenChoice, firstChoice } from "../core/pens";
import { type Box, type Paper, type Spot, type View, heightOf, scaleOf, toPage } from "../core/viewport";
import { type Mark, Pen } from "./pen";

/** The pen on a page: what it draws with, over what, and who hears of it. `Sheet` names the page written on. */
export interface Written<Sheet extends { page: number; paper: Paper }> {
  readonly sheet: Sheet;
  readonly pen: PenChoice | null;
  readonly strokes: readonly Stroke[];
  erasable: (stroke: Stroke) => boolean;
  readonly view: View;
  readonly box: Box;
  onstroke?: (stroke: Draft) => void;
  onerase?: (ids: string[]) => void;
  onwet?: (wet: Draft | null) => void;
  /** A pen came down with nothing in hand: it writes, and for its owner alone. */
  onpen?: (pen: PenChoice) => void;
}

/** Radius of the eraser on the screen, in CSS pixels. */
const ERASER_PX = 12;

/** A line or a rub of the eraser under way, as state: the sheet it holds, the wet line, the strokes rubbed out so far. */
export class Writing<Sheet extends { page: number; paper: Paper }> {
  /** The sheet under the pen; it stays until the pen is up, so that a turned page takes no half line along. */
  held = $state.raw<Sheet | null>(null);
  wet = $state.raw<Draft | null>(null);
  rubbed = $state.raw<ReadonlySet<string>>(new Set());
  readonly #pen: Pen;

  constructor(private readonly written: () => Written<Sheet>) {
    this.#pen = new Pen({
      onwet: (wet) => {
        this.wet = wet;
        written().onwet?.(wet);
      },
      onrub: (ids) => (this.rubbed = ids),
      onstroke: (stroke) => written().onstroke?.(stroke),
      onerase: (ids) => written().onerase?.(ids),
    });
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
    const { sheet, pen, strokes, erasable } = this.written();
    this.held = sheet;
    if (what === "erase") this.#pen.erase(strokes.filter(erasable), this.#onPage(mark), this.#radius);
    else {
      const { tool, colour, width } = pen ?? this.#takenUp();
      if (tool !== "eraser") {
        const bottom = heightOf(sheet.paper);
        this.#pen.draw({ tool, colour, width, page: sheet.page, bottom }, this.#onPage(mark));
      }
    }
  };

  #takenUp(): PenChoice {
    const pen = firstChoice("pen", "mine");
    this.written().onpen?.(pen);
    return pen;
  }

  drag = (what: "draw" | "erase", marks: readonly Mark[]): void => {
    const onPage = marks.map(this.#onPage);
    if (what === "erase") this.#pen.rub(onPage, this.#radius);
    else this.#pen.add(onPage);
  };

  lift = (): void => {
    this.#pen.lift();
    this.held = null;
  };

  cancel = (): void => {
    this.#pen.cancel();
    this.held = null;
  };
}
