import { flushSync } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import { meeting, paper } from "../deskexample";
import type { LineState } from "../wire/outage";
import type { MeetingState } from "./meeting.svelte";
import { Reading } from "./reading.svelte";

afterEach(() => vi.unstubAllGlobals());

const TEXT = { width: 420, height: 595, words: [] };

/** A meeting whose line can be changed, and what stands in for `MeetingState` of it. */
class Line {
  line = $state.raw<LineState>({ step: "fine", since: null, reason: "" });
  readonly meeting = meeting({ papers: { p1: paper("p1", "i2") } });
  readonly follows = (): void => undefined;
}

/** A page that is read, and how often its text was asked for. */
function reading(answer: () => Response): { asked: () => number; line: Line; read: Reading; end: () => void } {
  let asked = 0;
  vi.stubGlobal("fetch", async () => {
    asked += 1;
    await Promise.resolve();
    return answer();
  });
  const line = new Line();
  let read!: Reading;
  const end = $effect.root(() => {
    read = new Reading(line as unknown as MeetingState);
    $effect(() => {
      if (read.place) void read.load(read.place);
    });
  });
  flushSync();
  return { asked: () => asked, line, read, end };
}

test("without a network the text of a page is asked for once, not as fast as it fails", async () => {
  vi.useFakeTimers();
  const { asked, end } = reading(() => {
    throw new TypeError("offline");
  });
  await vi.advanceTimersByTimeAsync(9_000);
  expect(asked()).toBe(1);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(asked()).toBe(2);
  end();
});

test("the text is asked for again as soon as the line is back", async () => {
  vi.useFakeTimers();
  let online = false;
  const { asked, line, read, end } = reading(() => {
    if (!online) throw new TypeError("offline");
    return new Response(JSON.stringify(TEXT));
  });
  await vi.advanceTimersByTimeAsync(100);
  line.line = { step: "lost", since: 1, reason: "" } as LineState;
  await vi.advanceTimersByTimeAsync(100);
  online = true;
  const before = asked();
  line.line = { step: "fine", since: null, reason: "" };
  await vi.advanceTimersByTimeAsync(100);
  expect(asked()).toBe(before + 1);
  expect(read.size).toEqual({ width: 420, height: 595 });
  end();
});

test("a server that is busy is asked again, one that refuses is not", async () => {
  vi.useFakeTimers();
  let status = 503;
  const busy = reading(() => (status === 200 ? new Response(JSON.stringify(TEXT)) : new Response("", { status })));
  await vi.advanceTimersByTimeAsync(100);
  status = 200;
  await vi.advanceTimersByTimeAsync(11_000);
  expect([busy.asked(), busy.read.size.width]).toEqual([2, 420]);
  busy.end();

  const refused = reading(() => new Response("", { status: 404 }));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(refused.asked()).toBe(1);
  refused.end();
});
