import { describe, expect, it } from "vitest";
import { row } from "../linesexample";
import { BLANK } from "./meeting";
import { type TrendPoint, extended, spanOf, spark, worstOf } from "./trend";

const ROW = row("a");
const point = (at: number, state: TrendPoint[3] = "good", loss = 0, rtt = 20): TrendPoint => [
  at,
  loss,
  1_000_000,
  state,
  rtt,
];

describe("a trend", () => {
  it("grows by a point every ten seconds, at once when the state changes", () => {
    const trend = [point(0)];
    expect(extended(trend, ROW, 9_999)).toBe(trend);
    expect(extended(trend, ROW, 10_000)).toHaveLength(2);
    expect(extended(trend, { ...ROW, state: "lost" }, 2_000)).toHaveLength(2);
  });

  it("shows a long meeting from its beginning, with its worst moments, and never grows without end", () => {
    let trend: readonly TrendPoint[] = [point(0)];
    for (let at = 1; at < 2_000; at++) {
      const now = at * 10_000;
      trend = extended(trend, at === 7 ? { ...ROW, up_loss: 300 } : ROW, now);
    }
    expect(trend.length).toBeLessThanOrEqual(240);
    expect(trend[0]![0]).toBeLessThan(1_500_000);
    expect(Math.max(...trend.map((one) => one[1]))).toBe(300);
    expect(trend.at(-1)![0]).toBe(19_990_000);
  });

  it("is a line that is broken where nothing was connected, with a bar where packets were lost", () => {
    const trend = [point(0), point(10, "good", 60), point(20, "lost"), point(30, "good", 0, 400)];
    const { rate, rtt, loss, gaps, most } = spark(trend, { from: 0, to: 40 });
    expect(rate.match(/M/g)).toHaveLength(2);
    expect(rtt).toMatch(/M75 1$/);
    expect(most).toEqual({ rate: 1_000_000, rtt: 400 });
    expect(loss).toEqual([{ x: 25, width: 25, height: 14.4 }]);
    expect(gaps).toEqual([{ x: 50, width: 25 }]);
    expect(spark([], { from: 0, to: 10 })).toMatchObject({ rate: "", rtt: "", loss: [], gaps: [] });
  });

  it("draws nothing of a site that has not come, or that telephones", () => {
    const { rate, gaps } = spark([point(0, "absent"), point(10, "voice"), point(20)], { from: 0, to: 40 });
    expect(gaps).toEqual([]);
    expect(rate).toMatch(/^M50 /);
  });

  it("begins where it is looked at, as it stood then", () => {
    const { gaps, rate } = spark([point(0), point(5, "lost"), point(30)], { from: 20, to: 40 });
    expect(gaps).toEqual([{ x: 0, width: 50 }]);
    expect(rate).toMatch(/^M50 /);
  });

  it("says the worst in figures, and nothing where nothing was connected", () => {
    const trend = [point(0), point(10, "good", 60), point(20, "lost", 900), point(30, "weak", 0, 410)];
    expect(worstOf(trend, { from: 0, to: 40 })).toMatchObject({ loss: 60, lossAt: 10, rtt: 410, rttAt: 30 });
    expect(worstOf([point(0, "absent")], { from: 0, to: 40 })).toBeNull();
  });
});

describe("what is drawn", () => {
  const HOUR = 3_600_000;
  const opened = { ...BLANK, phase: "open" as const, periods: [{ began_at: 100 * HOUR, ended_at: 0 }] };

  it("is the meeting with the half hour before it, however long before the board was first looked at", () => {
    const trends = [[point(10 * HOUR, "absent"), point(99.8 * HOUR)], [point(20 * HOUR)]];
    expect(spanOf(opened, trends, 101 * HOUR)).toEqual({ from: 99.5 * HOUR, to: 101 * HOUR });
    expect(spanOf(opened, [trends[0]!], 101 * HOUR).from).toBe(99.8 * HOUR);
  });

  it("ends with the meeting, whenever it is looked at afterwards", () => {
    const closed = { ...opened, phase: "closed" as const, periods: [{ began_at: 100 * HOUR, ended_at: 103 * HOUR }] };
    expect(spanOf(closed, [[point(99.8 * HOUR)]], 500 * HOUR)).toEqual({ from: 99.8 * HOUR, to: 103 * HOUR });
  });

  it("is the day it sits on, after a night; a break for lunch ends no day", () => {
    const [morning, afternoon] = [
      { began_at: 100 * HOUR, ended_at: 104 * HOUR },
      { began_at: 106 * HOUR, ended_at: 109 * HOUR },
    ];
    const next = { began_at: 124 * HOUR, ended_at: 0 };
    const trends = [[point(99 * HOUR)]];
    expect(spanOf({ ...opened, periods: [morning, afternoon] }, trends, 108 * HOUR).from).toBe(99.5 * HOUR);
    expect(spanOf({ ...opened, periods: [morning, afternoon, next] }, trends, 125 * HOUR).from).toBe(123.5 * HOUR);
  });

  it("covers ten minutes at least, and before the opening the last two hours", () => {
    expect(spanOf(opened, [], 100 * HOUR)).toEqual({ from: 100 * HOUR - 600_000, to: 100 * HOUR });
    const before = { ...BLANK, phase: "published" as const };
    expect(spanOf(before, [[point(10 * HOUR)]], 50 * HOUR).from).toBe(48 * HOUR);
  });
});
