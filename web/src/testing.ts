// What every component test needs: texts, and the browser pieces jsdom lacks.
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { cleanup, configure } from "@testing-library/svelte";
import { afterEach, beforeAll, vi } from "vitest";
import { startTexts } from "./i18n";

// As patient as vite.config.ts.
configure({ asyncUtilTimeout: 30_000 });
beforeAll(() => startTexts("vi"));
// Files may share a window: each begins with an empty device.
beforeAll(() => {
  globalThis.indexedDB = new IDBFactory();
  localStorage.clear();
});
afterEach(() => {
  cleanup();
  // Nor does a test that failed hold the time for the others.
  vi.useRealTimers();
});

// jsdom draws by an interval of its own; begun by an element that loses the focus while a test holds the time, it stands
// still for all who share the window. These frames ask nobody.
const { setTimeout: later, clearTimeout: never } = globalThis;
const FRAME_MS = 16;
const drawn = new Map<number, ReturnType<typeof setTimeout>>();
let frames = 0;
globalThis.requestAnimationFrame = (draw) => {
  const frame = ++frames;
  const begin = (): void => {
    drawn.delete(frame);
    draw(performance.now());
  };
  drawn.set(frame, later(begin, FRAME_MS));
  return frame;
};
globalThis.cancelAnimationFrame = (frame) => {
  never(drawn.get(frame));
  drawn.delete(frame);
};

class StillObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
  this.open = false;
};
globalThis.ResizeObserver ??= StillObserver as unknown as typeof ResizeObserver;
globalThis.IntersectionObserver ??= StillObserver as unknown as typeof IntersectionObserver;
