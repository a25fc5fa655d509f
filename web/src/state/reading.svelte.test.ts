import { flushSync } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import { meeting, paper } from "../deskexample";
import type { LineState } from "../wire/outage";
import type { Command } from "../wire/types";
import type { MeetingState } from "./meeting.svelte";
import { Reading } from "./reading.svelte";

afterEach(() => vi.unstubAllGlobals());

const TEXT = { width: 420, height: 595, words: [] };

/** A meeting whose line can be changed, and what stands in for `MeetingState` of it. */
class Line {
  line = $state.raw<LineState>({ step: "fine", since: null, reason: "" });
  meeting = $state.raw(meeting({ papers: { p1: paper("p1", "i2") } }));
  readonly follows = (): void => undefined;
  shows(page: number): void {
    this.meeting = { ...this.meeting, shown: { paper: "p1", page, x: 0, y: 0, width: 10_000 } };
  }
}

/** A page that is read, and how often its text was asked for. */
function reading(answer: (address: string) => Response): {
  asked: () => number;
  line: Line;
  read: Reading;
  end: () => void;
} {
  let asked = 0;
  vi.stubGlobal("fetch", async (address: string) => {
    asked += 1;
    await Promise.resolve();
    return answer(address);
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

test("a landscape page whose words are not handed out keeps its shape, and the sizes are asked for once", async () => {
  vi.useFakeTimers();
  let busy = true;
  const { asked, line, read, end } = reading((address) => {
    if (address.endsWith("/text.json")) return new Response("", { status: 403 });
    expect(address).toBe("/pages/version-p1/sizes.json");
    const sizes = [...Array<[number, number]>(5).fill([842, 595]), [595, 842]];
    return busy ? new Response("", { status: 503 }) : new Response(JSON.stringify(sizes));
  });
  await vi.advanceTimersByTimeAsync(100);
  expect(read.size).toEqual({ width: 595, height: 842 });
  busy = false;
  await vi.advanceTimersByTimeAsync(11_000);
  expect(read.size).toEqual({ width: 842, height: 595 });
  const before = asked();
  line.shows(6);
  await vi.advanceTimersByTimeAsync(100);
  expect([asked(), read.size]).toEqual([before + 1, { width: 595, height: 842 }]);
  end();
});

/** A presenter at page 1 of 6, whose commands are answered when the test says so. */
function presenting(): { read: Reading; line: Line; sent: Command[]; answer: () => Promise<void>; end: () => void } {
  const line = new Line();
  const sent: Command[] = [];
  const waiting: (() => void)[] = [];
  const command = (one: Command): Promise<unknown> => {
    sent.push(one);
    return new Promise((done) => waiting.push(() => done({ ok: true })));
  };
  let read!: Reading;
  const end = $effect.root(() => {
    read = new Reading(Object.assign(line, { command }) as unknown as MeetingState);
  });
  const answer = async (): Promise<void> => {
    waiting.splice(0).forEach((one) => one());
    await vi.advanceTimersByTimeAsync(1);
  };
  return { read, line, sent, answer, end };
}

test("two quick turns on a slow line lead two pages on, never past the last", async () => {
  vi.useFakeTimers();
  const { read, line, sent, answer, end } = presenting();
  for (let turn = 0; turn < 7; turn++) void read.turnForAll(1);
  expect(sent.map((one) => (one as { page: number }).page)).toEqual([2, 3, 4, 5, 6]);
  line.shows(6);
  await answer();
  void read.turnForAll(-1);
  expect(sent.at(-1)).toMatchObject({ type: "page.turn", page: 5 });
  end();
});

test("a part of the page is shown where the fingers rest, and never of a page that is being turned", async () => {
  vi.useFakeTimers();
  const { read, line, sent, answer, end } = presenting();
  const part = { x: 10.4, y: -3, width: 20 };
  read.showForAll(part);
  await vi.advanceTimersByTimeAsync(200);
  expect(sent).toEqual([{ type: "view.move", paper: "p1", page: 1, x: 10, y: 0, width: 500 }]);
  read.showForAll(part);
  void read.turnForAll(1);
  read.showForAll(part);
  await vi.advanceTimersByTimeAsync(200);
  expect(sent).toHaveLength(2);
  line.shows(2);
  await answer();
  read.showForAll(part);
  line.shows(3);
  await vi.advanceTimersByTimeAsync(200);
  expect(sent.slice(2)).toEqual([]);
  end();
});

test("of a paper of my own the meeting is told no more than that I read alone", () => {
  const told: unknown[] = [];
  const line = new Line();
  const standing = Object.assign(line, { follows: (...where: unknown[]) => void told.push(where) });
  const read = new Reading(standing as unknown as MeetingState, () => ({ own: paper("own", "") }));
  read.open("own", 1);
  expect([read.place?.paper.id, read.mine, read.shared]).toEqual(["own", true, null]);
  expect(told.at(-1)).toEqual([true, "", 0]);
  read.open("p1", 1);
  expect([read.mine, read.shared?.paper.id]).toEqual([false, "p1"]);
  read.open("own", 1);
  line.shows(1);
  read.follow(true);
  expect([read.place?.paper.id, read.mine]).toEqual(["p1", false]);
});
