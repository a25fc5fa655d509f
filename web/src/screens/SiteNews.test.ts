import { render, screen } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { meeting, site } from "../deskexample";
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

/** What a site is told over the lower edge; empty when nothing. */
function told(me: string, step: string, telephone: string): string {
  document.body.innerHTML = "";
  const sites = { tinh: site("tinh", { main: true, telephone }), yt: site("yt", { telephone: "0237 111" }) };
  const standing = { meeting: meeting({ sites }), me, line: { step, since: 0, reason: "" }, problem: null };
  const conference = { replaced: false, standing } as unknown as Conference;
  render(SiteNews, { conference, blocked: false, onunblock: () => undefined });
  return screen.queryByRole("status")?.textContent?.replace(/\s+/g, " ") ?? "";
}

test("a site that has lost its line reads whom to call without a tap, where that is known", () => {
  expect(told("yt", "lost", "0912 345 678")).toContain("Kỹ thuật điểm cầu chính: 0912 345 678");
  expect(told("yt", "lost", "")).not.toContain("Kỹ thuật điểm cầu chính");
  expect(told("tinh", "lost", "0912 345 678"), "the main site itself").not.toContain("Kỹ thuật điểm cầu chính");
  expect(told("yt", "fine", "0912 345 678")).toBe("");
});
