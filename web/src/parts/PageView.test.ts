import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, expect, test, vi } from "vitest";
import { type Draft, type Drawn, isStroke } from "../core/marks";
import { firstChoice } from "../core/pens";
import PageView from "./PageView.svelte";

const A4 = { width: 595, height: 842 };
const BOX = { width: 648, height: 686 };
const base = { version: "v", page: 7, pages: 24, paper: A4, following: true, onturn: () => {} };

beforeEach(() => {
  // jsdom lays nothing out: the stage gets the size it has on a landscape tablet.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(BOX.width);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(BOX.height);
  HTMLImageElement.prototype.decode = () => Promise.resolve();
  HTMLCanvasElement.prototype.getContext = () => null;
  return () => vi.restoreAllMocks();
});

const stage = (): HTMLElement => screen.getByRole("group");
const images = (): string[] => [...document.querySelectorAll("img")].map((image) => image.getAttribute("src") ?? "");

/** A pointer event; jsdom has no PointerEvent with pressure and contact size. */
function pointer(type: string, x: number, y: number, changes: Record<string, unknown> = {}): Event {
  const event = new MouseEvent(type, { clientX: x, clientY: y, bubbles: true, button: 0 });
  const pen = { pointerId: 1, pointerType: "pen", pressure: 0.5, width: 1, height: 1 };
  for (const [key, value] of Object.entries({ ...pen, ...changes })) Object.defineProperty(event, key, { value });
  return event;
}
async function line(changes: Record<string, unknown> = {}): Promise<void> {
  await fireEvent(stage(), pointer("pointerdown", 100, 100, changes));
  for (const x of [150, 200, 250]) await fireEvent(stage(), pointer("pointermove", x, 100, changes));
  await fireEvent(stage(), pointer("pointerup", 250, 100, changes));
}

test("the small picture is there first and the sharp one takes over, never a spinner", async () => {
  render(PageView, base);
  await expect.poll(images).toEqual(["/pages/v/7/240.webp", "/pages/v/7/960.webp"]);
  expect(screen.queryByRole("progressbar")).toBeNull();
});

test("turning the page shows the other page's picture at once", async () => {
  const { rerender } = render(PageView, base);
  await expect.poll(() => images().length).toBe(2);
  await rerender({ ...base, page: 8 });
  expect(images()[0]).toBe("/pages/v/8/240.webp");
  expect(images().some((address) => address.includes("/7/"))).toBe(false);
});

test("a page that could not be had is asked for again by itself", async () => {
  vi.useFakeTimers();
  let isBack = false;
  HTMLImageElement.prototype.decode = () => (isBack ? Promise.resolve() : Promise.reject(new Error("503")));
  render(PageView, base);
  await vi.advanceTimersByTimeAsync(100);
  expect(screen.getByText("Trang này chưa hiện được, máy đang tự thử lại.")).toBeTruthy();
  isBack = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(images()).toEqual(["/pages/v/7/240.webp", "/pages/v/7/960.webp"]);
  expect(screen.queryByText(/chưa hiện được/)).toBeNull();
  vi.useRealTimers();
});

test("a pen line is handed over in units of the page, with colour and width", async () => {
  const strokes: Draft[] = [];
  render(PageView, {
    ...base,
    pen: firstChoice("pen", "mine"),
    ondrawn: (stroke: Drawn) => isStroke(stroke) && strokes.push(stroke),
  });
  await line();
  const [stroke] = strokes;
  expect(stroke).toMatchObject({ page: 7, tool: "pen", colour: "#6e3596", width: 26 });
  const unit = 8900 / BOX.width;
  expect(stroke?.points[0]).toEqual([Math.round(800 + 100 * unit), Math.round(100 * unit), 500]);
  expect(stroke?.points.at(-1)?.[0]).toBe(Math.round(800 + 250 * unit));
});

test("a page turned while the pen is down waits until it is up", async () => {
  const strokes: Draft[] = [];
  const props = {
    ...base,
    pen: firstChoice("pen", "mine"),
    ondrawn: (stroke: Drawn) => isStroke(stroke) && strokes.push(stroke),
  };
  const { rerender } = render(PageView, props);
  await fireEvent(stage(), pointer("pointerdown", 100, 100));
  await rerender({ ...props, page: 8 });
  expect(screen.getByRole("region").getAttribute("aria-label")).toBe("Trang 7 trên 24");
  await fireEvent(stage(), pointer("pointermove", 200, 100));
  await fireEvent(stage(), pointer("pointerup", 200, 100));
  expect(strokes[0]?.page).toBe(7);
  await expect.poll(() => screen.getByRole("region").getAttribute("aria-label")).toBe("Trang 8 trên 24");
});

test("a pen with nothing in hand writes privately, a finger does not", async () => {
  const [strokes, taken]: [Draft[], unknown[]] = [[], []];
  render(PageView, {
    ...base,
    ondrawn: (stroke: Drawn) => isStroke(stroke) && strokes.push(stroke),
    onpen: (pen: unknown) => taken.push(pen),
  });
  await line({ pointerType: "touch", pointerId: 5 });
  expect(strokes).toEqual([]);
  await line();
  expect(strokes).toHaveLength(1);
  expect(taken).toEqual([firstChoice("pen", "mine")]);
});

test("the heel of a hand leaves no ink", async () => {
  const strokes: Draft[] = [];
  render(PageView, {
    ...base,
    pen: firstChoice("pen", "mine"),
    ondrawn: (stroke: Drawn) => isStroke(stroke) && strokes.push(stroke),
  });
  await line({ pointerType: "touch", width: 80, height: 90 });
  expect(strokes).toEqual([]);
});

test("the eraser names the whole strokes it touched, only those that may be erased", async () => {
  const erased: string[][] = [];
  const unit = 8900 / BOX.width;
  const stroke = (id: string, by: string) => ({
    ...({ page: 7, tool: "pen", colour: "#1b3fa8", width: 26, layer: "mine", at: 1 } as const),
    id,
    by,
    points: [[Math.round(800 + 200 * unit), 0, 500] as const, [Math.round(800 + 200 * unit), 4000, 500] as const],
  });
  render(PageView, {
    ...base,
    pen: firstChoice("eraser", "mine"),
    marks: [stroke("a", "thao"), stroke("b", "thiet")],
    erasable: ({ by }: { by: string }) => by === "thao",
    onerase: (ids: string[]) => erased.push(ids),
  });
  await line();
  expect(erased).toEqual([["a"]]);
});

test("keys turn pages and scroll; at the bottom the next page comes", async () => {
  const turns: number[] = [];
  render(PageView, { ...base, onturn: (step: number) => turns.push(step) });
  await fireEvent.keyDown(stage(), { key: "ArrowRight" });
  await fireEvent.keyDown(stage(), { key: "ArrowLeft" });
  expect(turns).toEqual([1, -1]);
  await fireEvent.keyDown(stage(), { key: "PageDown" });
  expect(turns).toHaveLength(2);
  await fireEvent.keyDown(stage(), { key: "PageDown" });
  expect(turns).toEqual([1, -1, 1]);
});

test("a page is painted, also after something that had the focus went while a test held the time", async () => {
  vi.useFakeTimers();
  const field = document.body.appendChild(document.createElement("input"));
  field.focus();
  field.remove();
  vi.useRealTimers();
  const frame = await new Promise((done) => requestAnimationFrame(done));
  expect(frame).toBeTypeOf("number");
});

test("the words of the page are there to be read and found, once its image is on the screen", async () => {
  render(PageView, {
    ...base,
    text: { width: 595, height: 842, words: [[85, 57, 120, 75, "Điều"]] as const },
    found: [{ first: 0, last: 0 }],
  });
  expect(screen.queryByText("Điều")).toBeNull();
  expect(await screen.findByText("Điều")).toBeTruthy();
  expect(document.querySelectorAll("rect")).toHaveLength(1);
});

test("a finger's swipe turns the page, a mouse's drag does not", async () => {
  const turns: number[] = [];
  render(PageView, { ...base, onturn: (step: number) => turns.push(step) });
  for (const pointerType of ["mouse", "touch"]) {
    await fireEvent(stage(), pointer("pointerdown", 400, 300, { pointerType, width: 20, height: 20 }));
    await fireEvent(stage(), pointer("pointermove", 250, 300, { pointerType, width: 20, height: 20 }));
    await fireEvent(stage(), pointer("pointerup", 250, 300, { pointerType, width: 20, height: 20 }));
  }
  expect(turns).toEqual([1]);
});

test("two fingers enlarge without leaving, and draw nothing although a pen is in hand", async () => {
  const [strokes, turns, views]: [Draft[], number[], { width: number }[]] = [[], [], []];
  render(PageView, {
    ...base,
    pen: firstChoice("pen", "mine"),
    ondrawn: (stroke: Drawn) => isStroke(stroke) && strokes.push(stroke),
    onturn: (step: number) => turns.push(step),
    onview: (view: { width: number }) => views.push(view),
  });
  const finger = (type: string, id: number, x: number) =>
    fireEvent(stage(), pointer(type, x, 300, { pointerType: "touch", pointerId: id, width: 20, height: 20 }));
  await finger("pointerdown", 1, 300);
  await finger("pointerdown", 2, 340);
  for (let step = 1; step <= 5; step++) {
    await finger("pointermove", 1, 300 - step * 10);
    await finger("pointermove", 2, 340 + step * 10);
  }
  await finger("pointerup", 1, 250);
  await finger("pointerup", 2, 390);
  await expect.poll(() => views.length).toBe(1);
  expect(views[0]?.width).toBeLessThan(4000);
  expect([strokes, turns]).toEqual([[], []]);
});

/** What a hand draws with this tool in hand. */
function drawing(tool: Parameters<typeof firstChoice>[0]): { drawn: Drawn[]; wets: (Drawn | null)[] } {
  const [drawn, wets]: [Drawn[], (Drawn | null)[]] = [[], []];
  const hooks = { ondrawn: (one: Drawn) => drawn.push(one), onwet: (wet: Drawn | null) => wets.push(wet) };
  render(PageView, { ...base, pen: firstChoice(tool, "all"), ...hooks });
  return { drawn, wets };
}

test("a shape grows from where the pen came down to where it is lifted, and others see it grow", async () => {
  const { drawn, wets } = drawing("arrow");
  await line();
  const unit = 8900 / BOX.width;
  const y = Math.round(100 * unit);
  expect(drawn).toEqual([
    {
      ...{ kind: "shape", page: 7, form: "arrow", colour: "#1b3fa8", width: 26 },
      ...{ start: [Math.round(800 + 100 * unit), y], end: [Math.round(800 + 250 * unit), y] },
    },
  ]);
  expect(wets.map((wet) => wet !== null)).toEqual([true, true, true, false]);
});

test("a shape taken away by the system, or by a slip of the hand, is none", async () => {
  const { drawn } = drawing("rectangle");
  await fireEvent(stage(), pointer("pointerdown", 100, 100));
  await fireEvent(stage(), pointer("pointermove", 300, 300));
  await fireEvent(stage(), pointer("pointercancel", 300, 300));
  await fireEvent(stage(), pointer("pointerdown", 100, 100));
  await fireEvent(stage(), pointer("pointerup", 100, 100));
  expect(drawn).toEqual([]);
});

test("words are asked for where the pen is put down, once", async () => {
  const onplace = vi.fn();
  render(PageView, { ...base, pen: firstChoice("comment", "mine"), onplace });
  await line();
  const unit = 8900 / BOX.width;
  expect(onplace.mock.calls).toEqual([["comment", 7, expect.objectContaining({ x: 800 + 100 * unit })]]);
});

test("with a pen-only page a finger scrolls, whatever tool is in hand", async () => {
  for (const tool of ["pen", "rectangle", "note"] as const) {
    const [drawn, onplace] = [vi.fn(), vi.fn()];
    const { unmount } = render(PageView, {
      ...{ ...base, pen: firstChoice(tool, "mine"), penOnly: true, ondrawn: drawn, onplace },
    });
    await line({ pointerType: "touch", width: 20, height: 20 });
    expect([drawn.mock.calls, onplace.mock.calls]).toEqual([[], []]);
    unmount();
  }
});

test("a tap on a comment opens it, and so does its key; a tap beside it is a tap on the page", async () => {
  const [onwords, ontap] = [vi.fn(), vi.fn()];
  const unit = 8900 / BOX.width;
  const comment = {
    ...({ kind: "comment", id: "comment-1", page: 7, text: "Chưa rõ", layer: "all", by: "lan", at: 1 } as const),
    spot: [Math.round(800 + 200 * unit), Math.round(100 * unit)] as const,
  };
  render(PageView, { ...base, marks: [comment], onwords, ontap });
  const tap = async (x: number): Promise<void> => {
    const finger = { pointerType: "touch", width: 20, height: 20 };
    await fireEvent(stage(), pointer("pointerdown", x, 100, finger));
    await fireEvent(stage(), pointer("pointerup", x, 100, finger));
  };
  await tap(210);
  expect(onwords).toHaveBeenLastCalledWith(comment);
  await tap(400);
  expect(ontap).toHaveBeenCalledOnce();
  await fireEvent.click(screen.getByRole("button", { name: "Ghi chú dán: Chưa rõ" }));
  expect(onwords).toHaveBeenCalledTimes(2);
});

test("by keyboard alone words are written in the middle of what is seen", async () => {
  const onplace = vi.fn();
  const { rerender } = render(PageView, { ...base, pen: firstChoice("comment", "mine"), onplace });
  await fireEvent.keyDown(stage(), { key: "Enter" });
  const [tool, page, spot] = onplace.mock.calls[0] as [string, number, { x: number; y: number }];
  expect([tool, page]).toEqual(["comment", 7]);
  expect(spot.x).toBeGreaterThan(4500);
  expect(spot.x).toBeLessThan(5500);
  expect(spot.y).toBeGreaterThan(0);
  expect(stage().getAttribute("aria-label")).toContain("Enter viết vào giữa");
  await rerender({ ...base, pen: firstChoice("pen", "mine"), onplace });
  await fireEvent.keyDown(stage(), { key: "Enter" });
  expect(onplace).toHaveBeenCalledTimes(1);
});
