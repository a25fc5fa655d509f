import { beforeEach, expect, test, vi } from "vitest";
import { type Draft, type Drawn, type Point, stored } from "../core/ink";
import { Telling } from "../core/inktold";
import { WetInk, type Place } from "./wetink";

const PLACE: Place = { width: 1280, height: 800, unit: 0.128, x: 0, y: 0 };

class Path {
  steps: number[][] = [];
  moveTo = (...to: number[]): void => void this.steps.push(to);
  quadraticCurveTo = (...by: number[]): void => void this.steps.push(by);
  closePath(): void {}
}

/** What a canvas is asked for. */
class Canvas {
  fillStyle = "";
  cleared: number[][] = [];
  fills: { colour: string; steps: number[][] }[] = [];
  fill = (path: Path): void => void this.fills.push({ colour: this.fillStyle, steps: path.steps });
  clearRect = (...rect: number[]): void => void this.cleared.push(rect);
  save(): void {}
  restore(): void {}
  setTransform(): void {}
  beginPath(): void {}
  rect(): void {}
  clip(): void {}
  moveTo(): void {}
  lineTo(): void {}
  stroke(): void {}
}

let canvas: Canvas;
let ink: WetInk;

beforeEach(() => {
  vi.stubGlobal("Path2D", Path);
  canvas = new Canvas();
  ink = new WetInk();
});

/** Drawn once more: what was filled this time, and the part of the canvas that was emptied before. */
function drawn(lines: readonly Drawn[], place = PLACE, by = ink): Pick<Canvas, "fills" | "cleared"> {
  canvas.fills = [];
  canvas.cleared = [];
  by.draw(canvas as unknown as CanvasRenderingContext2D, lines, place);
  return { fills: canvas.fills, cleared: canvas.cleared };
}

const wave = (length: number, y = 3000): Point[] =>
  Array.from({ length }, (_, at): Point => [500 + 30 * at, Math.round(y + 400 * Math.sin(at / 8)), 500]);
const line = (points: readonly Point[], colour = "#1b3fa8"): Draft => ({
  page: 1,
  tool: "pen",
  colour,
  width: 32,
  points,
});

const amount = ({ fills }: Pick<Canvas, "fills">): number => fills.reduce((sum, { steps }) => sum + steps.length, 0);
const emptied = ({ cleared }: Pick<Canvas, "cleared">): number =>
  cleared.reduce((sum, [, , w = 0, h = 0]) => sum + w * h, 0);
const ALL = 1280 * 800;

test("however long a line has become, one more point costs as much as at its beginning", () => {
  const points = wave(300);
  const costs = points.map((_, at) => drawn([line(points.slice(0, at + 1))])).map((one) => [amount(one), emptied(one)]);
  const most = (from: number, to: number, what: 0 | 1): number =>
    Math.max(...costs.slice(from, to).map((one) => one[what] as number));
  for (const what of [0, 1] as const) expect(most(200, 300, what)).toBeLessThan(1.5 * most(50, 100, what));
  expect(most(1, 300, 1)).toBeLessThan(ALL / 10);
});

test("a line drawn piece by piece is the line drawn at once", () => {
  const points = wave(300);
  points.forEach((_, at) => drawn([line(points.slice(0, at + 1))]));
  const moved = { ...PLACE, x: 100 };
  const grown = drawn([line(points)], moved);
  expect(grown).toEqual(drawn([line(points)], moved, new WetInk()));
  expect(emptied(grown)).toBe(ALL);
});

test("a line of which another device tells is drawn by its new points only", () => {
  const telling = new Telling();
  const grown: Point[] = [];
  const costs = wave(300).map((point) => {
    grown.push(point);
    return amount(drawn([telling.of(line(grown)) as Draft]));
  });
  expect(Math.max(...costs.slice(200))).toBeLessThan(1.5 * Math.max(...costs.slice(50, 100)));
  const roughly = line(stored(grown, undefined, 20));
  drawn([roughly]);
  expect(drawn([roughly], { ...PLACE, x: 1 })).toEqual(drawn([roughly], { ...PLACE, x: 1 }, new WetInk()));
});

test("a line that is over, another in its place, and a moved page begin with an empty canvas where they were", () => {
  const [blue, red] = [line(wave(100)), line(wave(100, 5000), "#b02a2a")];
  drawn([blue, red]);
  const left = drawn([red]);
  expect([emptied(left), new Set(left.fills.map(({ colour }) => colour))]).toEqual([ALL, new Set(["#b02a2a"])]);
  expect(emptied(drawn([red]))).toBeLessThan(ALL);

  const [[, top = 0, , height = 0] = []] = drawn([blue]).cleared;
  expect([top, top + height].map((y) => y / PLACE.unit)).toEqual([expect.closeTo(2580, -2), expect.closeTo(5420, -2)]);
  expect(emptied(drawn([blue], { ...PLACE, unit: 0.2 }))).toBe(ALL);
  expect(emptied(drawn([]))).toBe(ALL);
});

test("where lines cross both are drawn again", () => {
  const [across, down] = [wave(100), wave(100).map(([x, y, p]): Point => [y, x, p])];
  drawn([line(across), line(down, "#b02a2a")]);
  const { fills } = drawn([line([...across, [3520, 3100, 500]]), line(down, "#b02a2a")]);
  expect(new Set(fills.map(({ colour }) => colour)).size).toBe(2);
});

test("a shape is drawn anew each time, and leaves nothing behind", () => {
  const shape = {
    kind: "shape",
    page: 1,
    form: "line",
    colour: "#1b3fa8",
    width: 26,
    start: [0, 0],
    end: [900, 900],
  } as const;
  drawn([line(wave(100))]);
  expect(emptied(drawn([line(wave(100)), shape]))).toBe(ALL);
  expect(emptied(drawn([line(wave(100))]))).toBe(ALL);
});
