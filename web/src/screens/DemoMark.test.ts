import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { isDemo } from "../state/about";
import DemoMark from "./DemoMark.svelte";

const WORDS = "Trình diễn: dữ liệu hư cấu";
afterEach(() => vi.unstubAllGlobals());

test("the invented province says that it is invented", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response('{"demo": true}')));
  render(DemoMark);
  expect(await screen.findByText(WORDS)).toBeTruthy();
});

test.each([
  ["a real house", () => Promise.resolve(new Response('{"demo": false}'))],
  ["a house that does not answer", () => Promise.reject(new TypeError("offline"))],
])("%s says nothing of the kind", async (_, answer) => {
  vi.stubGlobal("fetch", answer);
  render(DemoMark);
  expect(await isDemo()).toBe(false);
  expect(screen.queryByText(WORDS)).toBeNull();
});
