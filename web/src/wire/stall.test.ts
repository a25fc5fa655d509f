import { describe, expect, it, vi } from "vitest";
import { arrived, LOOK_MS, networkChanged, Stall, watchLine } from "./stall";

describe("a line that falls silent", () => {
  it("is noticed once, a second after the last packet", () => {
    const stall = new Stall();
    const found = [1, 5, 9, 9, 9, 9, 9].map((packets, index) => stall.look(packets, index * 500));
    expect(found).toEqual([false, false, false, false, true, false, false]);
  });

  it("is noticed again after it has carried packets again", () => {
    const stall = new Stall();
    for (const [index, packets] of [1, 5, 5, 5, 5].entries()) stall.look(packets, index * 500);
    const found = [7, 7, 7].map((packets, index) => stall.look(packets, 10_000 + index * 500));
    expect(found).toEqual([false, false, true]);
  });

  it("is not noticed where nothing ever came", () => {
    const stall = new Stall();
    expect([0, 1_000, 2_000, 9_000].map((now) => stall.look(0, now))).toEqual([false, false, false, false]);
  });

  it("counts transports only", () => {
    expect(arrived([{ type: "transport", packetsReceived: 4 }, { type: "codec" }, { type: "transport" }])).toBe(4);
  });
});

describe("a watched line", () => {
  it("is looked at in time, at once when the network changes, and no longer when nobody watches", () => {
    vi.useFakeTimers();
    const seen: boolean[] = [];
    const stop = watchLine((isChanged) => seen.push(isChanged));
    vi.advanceTimersByTime(2 * LOOK_MS);
    networkChanged();
    expect(seen).toEqual([false, false, true]);
    stop();
    networkChanged();
    vi.advanceTimersByTime(2 * LOOK_MS);
    expect(seen).toHaveLength(3);
    vi.useRealTimers();
  });
});
