import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Conference } from "./conference.svelte";
import { SiteWatch } from "./sitewatch.svelte";

const track = (label: string): MediaStreamTrack =>
  ({ label, getSettings: () => ({ deviceId: label }) }) as unknown as MediaStreamTrack;
const devices = { level: 0.5 as number | null, sent: track("USB"), camera: track("PTZ"), chosen: {} };
const receiver = { stage: {}, voices: [] };
const conference = { devices, isLive: true, receiver, tracks: 0 } as unknown as Conference;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a microphone that falls silent, and one that was exchanged, are told and forgotten again", () => {
  const closed = vi.fn();
  const watch = new SiteWatch(conference, () => ({ level: () => 0.1, close: closed }));
  flushSync();
  vi.advanceTimersByTime(1_000);
  expect([watch.silent, watch.microphone]).toEqual([false, ""]);
  devices.level = 0.01;
  devices.sent = track("Máy tính");
  vi.advanceTimersByTime(7_000);
  expect([watch.silent, watch.echo, watch.microphone, watch.camera]).toEqual([true, false, "Máy tính", ""]);
  watch.accept();
  devices.level = 0.4;
  vi.advanceTimersByTime(1_000);
  expect([watch.silent, watch.microphone]).toEqual([false, ""]);
  watch.close();
  expect(closed).toHaveBeenCalled();
  devices.level = 0.01;
  vi.advanceTimersByTime(60_000);
  expect(watch.silent).toBe(false);
});
