import { describe, expect, it } from "vitest";
import { DeviceWatch, Latch, RoomEar } from "./sitewarnings";

describe("a latch", () => {
  it("waits before it raises and before it clears, and holds between the marks", () => {
    const latch = new Latch(1_000, 500);
    expect([0, 900].map((now) => latch.look(true, now))).toEqual([false, false]);
    expect(latch.look(false, 950)).toBe(false);
    expect([1_000, 1_900, 2_000].map((now) => latch.look(true, now))).toEqual([false, false, true]);
    expect(latch.look(null, 9_000)).toBe(true);
    expect([9_100, 9_500, 9_600].map((now) => latch.look(false, now))).toEqual([true, true, false]);
  });
});

/** Talk from afar: a voice with its syllables and its pauses, one sample every 100 ms. */
const talk = (at: number): number => (at % 27 < 18 ? 0.45 + 0.2 * Math.sin(at * 1.3) : 0.05);
/** Somebody in this room, in a rhythm of their own. */
const own = (at: number): number => (at % 19 < 12 ? 0.5 + 0.15 * Math.sin(at * 2.1 + 2) : 0.1);

function listen(ear: RoomEar, seconds: number, near: (at: number) => number | null, isOpen = true, from = 0) {
  let found = { silent: false, echo: false };
  for (let at = from; at < from + seconds * 10; at++) {
    found = ear.hear({ now: at * 100, near: near(at), far: talk(at), isOpen });
  }
  return found;
}

describe("a room", () => {
  it("whose microphone says nothing is warned after six seconds, and freed by a sound that lasts", () => {
    const ear = new RoomEar();
    expect(listen(ear, 6, () => 0.01).silent).toBe(false);
    expect(listen(ear, 1, () => 0.01, true, 60).silent).toBe(true);
    expect(listen(ear, 0.3, () => 0.3, true, 70).silent).toBe(true);
    expect(listen(ear, 1, () => 0.3, true, 73).silent).toBe(false);
  });

  it("may be silent while its microphone is closed", () => {
    expect(listen(new RoomEar(), 30, () => 0.01, false).silent).toBe(false);
  });

  it("that hears its own loudspeaker has an echo, at once or a moment later", () => {
    for (const lag of [0, 3, 5]) {
      expect(listen(new RoomEar(), 15, (at) => talk(at - lag) * 0.8).echo).toBe(true);
    }
  });

  it("where people talk themselves, or nothing comes back, has none", () => {
    expect(listen(new RoomEar(), 30, own).echo).toBe(false);
    expect(listen(new RoomEar(), 30, () => 0.09).echo).toBe(false);
    expect(listen(new RoomEar(), 30, (at) => talk(at) * 0.2).echo).toBe(false);
  });

  it("loses the warning only when the echo has been gone for a while, and keeps it while nobody speaks afar", () => {
    const ear = new RoomEar();
    listen(ear, 15, (at) => talk(at) * 0.8);
    expect(listen(ear, 3, own, true, 150).echo).toBe(true);
    expect(listen(ear, 30, own, true, 180).echo).toBe(false);
    listen(ear, 15, (at) => talk(at) * 0.8, true, 480);
    let found = { silent: false, echo: false };
    for (let at = 630; at < 930; at++) found = ear.hear({ now: at * 100, near: 0.1, far: 0, isOpen: true });
    expect(found.echo).toBe(true);
  });

  it("that cannot be measured is warned of nothing", () => {
    expect(listen(new RoomEar(), 30, () => null)).toEqual({ silent: false, echo: false });
  });
});

describe("another device", () => {
  const usb = { id: "u", label: "Micrô hội nghị USB", chosen: "" };
  const laptop = { id: "l", label: "Micrô máy tính", chosen: "" };

  it("is told after two seconds, and no more once the first one is back or this one is said to be right", () => {
    const watch = new DeviceWatch();
    expect([0, 5_000].map((now) => watch.look(usb, now))).toEqual([false, false]);
    expect([6_000, 7_900, 8_000].map((now) => watch.look(laptop, now))).toEqual([false, false, true]);
    expect(watch.look(usb, 8_100)).toBe(false);
    watch.look(laptop, 9_000);
    expect(watch.look(laptop, 11_000)).toBe(true);
    watch.accept(laptop.label);
    expect(watch.look(laptop, 11_100)).toBe(false);
  });

  it("than the one chosen is told although it was there first", () => {
    const watch = new DeviceWatch();
    watch.look({ ...laptop, chosen: "u" }, 0);
    expect(watch.look({ ...laptop, chosen: "u" }, 2_000)).toBe(true);
    expect(watch.look({ ...usb, chosen: "u" }, 2_100)).toBe(false);
  });

  it("chosen by hand is the one that is meant; one that is missing is another trouble", () => {
    const watch = new DeviceWatch();
    watch.look(usb, 0);
    expect([1, 9_000].map((now) => watch.look({ ...laptop, chosen: "l" }, now))).toEqual([false, false]);
    expect([10_000, 20_000].map((now) => watch.look({ id: "", label: "", chosen: "l" }, now))).toEqual([false, false]);
  });
});
