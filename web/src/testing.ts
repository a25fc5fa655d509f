// What every component test needs: texts, and the browser pieces jsdom lacks.
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { cleanup, configure } from "@testing-library/svelte";
import { afterEach, beforeAll } from "vitest";
import { startTexts } from "./i18n";

// As patient as vite.config.ts.
configure({ asyncUtilTimeout: 30_000 });
beforeAll(() => startTexts("vi"));
// Files may share a window: each begins with an empty device.
beforeAll(() => {
  globalThis.indexedDB = new IDBFactory();
  localStorage.clear();
});
afterEach(() => cleanup());

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
