import { render, screen } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Conference } from "../state/conference.svelte";
import SiteNews from "./SiteNews.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a refusal does not stay over the site's screen to the end", () => {
  const standing = { line: { step: "fine", since: null, reason: "" }, problem: "Chưa mở được micrô." as string | null };
  const conference = { replaced: false, standing } as unknown as Conference;
  render(SiteNews, { conference, blocked: false, onunblock: () => undefined });
  flushSync();
  expect(screen.getByRole("alert").textContent).toBe("Chưa mở được micrô.");
  vi.advanceTimersByTime(15_000);
  expect(standing.problem).toBeNull();
});
