import { describe, expect, it } from "vitest";
import { loudness, Silence } from "./conferencesound";

describe("loudness", () => {
  it("goes from nothing to full", () => {
    expect(loudness([])).toBe(0);
    expect(loudness([0, 0])).toBe(0);
    expect(loudness([1, -1])).toBe(1);
    expect(loudness([0.001, -0.001])).toBeCloseTo(0);
    expect(loudness([0.0316, -0.0316])).toBeCloseTo(0.5, 2);
  });
});

describe("a silent microphone", () => {
  it("is noticed after six seconds, and forgotten with the first sound", () => {
    const silence = new Silence();
    expect(silence.hears(0, true, 0)).toBe(false);
    expect(silence.hears(0, true, 5_999)).toBe(false);
    expect(silence.hears(0, true, 6_000)).toBe(true);
    expect(silence.hears(0.4, true, 6_100)).toBe(false);
    expect(silence.hears(0, true, 11_000)).toBe(false);
  });

  it("is no matter while it is closed", () => {
    const silence = new Silence();
    silence.hears(0, true, 0);
    expect(silence.hears(0, false, 7_000)).toBe(false);
    expect(silence.hears(0, true, 7_100)).toBe(false);
  });
});
