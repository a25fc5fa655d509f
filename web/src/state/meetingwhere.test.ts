import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LiveClient } from "../wire/live";
import { MeetingState } from "./meeting.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a page of one's own is told at once; one that everybody is taken to a moment later, and only if it stays", () => {
  const told: unknown[] = [];
  const live = {
    ...{ onLine: () => () => {}, follow: () => () => {}, now: () => 0 },
    hint: (_stream: string, _type: string, data: unknown) => void told.push(data),
  } as unknown as LiveClient;
  const state = new MeetingState(live, "m1", "a");
  for (const page of [1, 2, 3]) state.follows(false, "p", page);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(2_000);
  expect(told).toEqual([{ alone: false, paper: "p", page: 3 }]);

  state.follows(false, "p", 4);
  state.follows(true, "p", 7);
  state.follows(false, "p", 4);
  vi.advanceTimersByTime(2_000);
  expect(told.slice(1)).toEqual([
    { alone: true, paper: "p", page: 7 },
    { alone: false, paper: "p", page: 4 },
  ]);

  state.follows(false, "p", 5);
  state.close();
  vi.advanceTimersByTime(60_000);
  expect(told).toHaveLength(3);
});
