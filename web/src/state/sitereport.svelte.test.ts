import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Conference } from "./conference.svelte";
import { SiteReport } from "./sitereport.svelte";

class FakeStanding {
  statuses = $state.raw<Record<string, unknown>>({});
  readonly id = "m";
  readonly line = { step: "fine" };
  now = (): number => Date.now();
}

class FakeConference {
  readonly me = "north";
  readonly standing = new FakeStanding();
  readonly sends = true;
  cameraOff = $state(false);
  readonly muted = false;
  devices = $state.raw({ camera: {}, sent: {}, trouble: null, level: 0.1, chosen: { audiooutput: "hall" } });
  limited = "none";
  statistics = async () =>
    new Map([["s", { type: "outbound-rtp", qualityLimitationReason: this.limited }]]) as unknown as RTCStatsReport;
}

let sent: Record<string, unknown>[] = [];
let played: (string | undefined)[] = [];
let conference: FakeConference;
let report: SiteReport;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  [sent, played] = [[], []];
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)) as Record<string, unknown>);
    return new Response("{}", { status: 200 });
  });
  conference = new FakeConference();
  report = new SiteReport(conference as unknown as Conference, async (speaker) => void played.push(speaker));
  flushSync();
});
afterEach(() => {
  report.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a site says how it is every ten seconds, and at once when a word changes", async () => {
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ camera: "on", microphone: "on", limited: "", level: 10 });
  await vi.advanceTimersByTimeAsync(8_000);
  expect(sent).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent).toHaveLength(2);
  conference.limited = "cpu";
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent.at(-1)).toMatchObject({ limited: "cpu" });
  conference.cameraOff = true;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent.at(-1)).toMatchObject({ camera: "off" });
  expect(sent).toHaveLength(4);
});

test("the test sound is played once, on the chosen loudspeaker, and what the room heard is told", async () => {
  conference.standing.statuses = { "line.sound:north": { at: 900_000 } };
  flushSync();
  expect(played, "asked for before this screen was opened").toEqual([]);
  conference.standing.statuses = { "line.sound:north": { at: 1_000_500 } };
  flushSync();
  conference.devices = { ...conference.devices, level: 0.64 };
  flushSync();
  conference.devices = { ...conference.devices, level: 0.05 };
  await vi.advanceTimersByTimeAsync(700);
  expect(played).toEqual(["hall"]);
  expect(sent.at(-1)).toMatchObject({ heard: 64 });
  conference.standing.statuses = { ...conference.standing.statuses };
  flushSync();
  expect(played).toHaveLength(1);
});
