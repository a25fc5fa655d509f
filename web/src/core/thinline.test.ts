import { describe, expect, it } from "vitest";
import { sendable, ThinLine } from "./thinline";

/** Looks twice a second from `from` on; the times at which the picture was turned off and on again. */
function course(line: ThinLine, bps: (at: number) => number, seconds: number): { off: number[]; on: number[] } {
  const found = { off: [] as number[], on: [] as number[] };
  let before = line.isThin;
  for (let at = 0; at <= seconds * 1000; at += 500) {
    const isThin = line.look(bps(at), at);
    if (isThin !== before) (isThin ? found.off : found.on).push(at);
    before = isThin;
  }
  return found;
}

describe("a line too thin for a picture", () => {
  it("sends sound alone, once the browser had time to find out", () => {
    expect(course(new ThinLine(), () => 149_999, 12).off).toEqual([11_000]);
    expect(course(new ThinLine(), () => 150_000, 600).off).toEqual([]);
  });

  it("is no such line because of one bad look, nor where the browser does not say", () => {
    expect(course(new ThinLine(), (at) => (at % 1500 ? 90_000 : 400_000), 120).off).toEqual([]);
    expect(course(new ThinLine(), () => 0, 120).off).toEqual([]);
  });

  it("tries its picture again by itself and keeps it when the line has recovered", () => {
    const found = course(new ThinLine(), (at) => (at < 20_000 ? 80_000 : 900_000), 300);
    expect(found).toEqual({ off: [11_000], on: [26_000] });
  });

  it("tries less and less often while it stays thin, and at least once a minute or so", () => {
    const { off, on } = course(new ThinLine(), () => 80_000, 600);
    const rests = on.map((at, index) => at - (off[index] ?? 0));
    expect(rests.slice(0, 4)).toEqual([15_000, 30_000, 60_000, 60_000]);
  });

  it("begins with short rests again after a good while", () => {
    const bad = (at: number) => at < 60_000 || at > 400_000;
    const { off, on } = course(new ThinLine(), (at) => (bad(at) ? 80_000 : 900_000), 420);
    expect((on.at(-1) ?? 0) - (off.at(-1) ?? 0)).toBe(15_000);
  });

  it("reads what the browser says of the pair in use", () => {
    const pairs = [
      { type: "candidate-pair", availableOutgoingBitrate: 5 },
      { type: "candidate-pair", nominated: true, availableOutgoingBitrate: 120_000 },
    ];
    expect(sendable(pairs)).toBe(120_000);
    expect(sendable([{ type: "candidate-pair", nominated: true }])).toBe(0);
    expect(sendable([])).toBe(0);
  });

  it("forgets what was believed while nothing was to be sent", () => {
    const line = new ThinLine();
    course(line, () => 80_000, 12);
    expect(line.isThin).toBe(true);
    line.forget();
    expect(line.isThin).toBe(false);
    expect(course(line, () => 80_000, 12).off).toEqual([11_000]);
  });
});
