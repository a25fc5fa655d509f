import { describe, expect, it } from "vitest";
import { keyed, pointAt, pointFrom } from "./pointing";

describe("a point", () => {
  it("stays on its page, in whole numbers", () => {
    expect(pointAt("pointer", 3, -5, 10_400.6)).toEqual({ kind: "pointer", page: 3, x: 0, y: 10_000 });
    expect(pointAt("spotlight", 1, 12.4, 99.5)).toEqual({ kind: "spotlight", page: 1, x: 12, y: 100 });
  });

  it("from another device is believed only when it is one", () => {
    expect(pointFrom({ kind: "pointer", page: 2, x: 10, y: 20_000 })).toEqual(pointAt("pointer", 2, 10, 10_000));
    for (const wrong of [null, 7, "x", [], {}, { kind: "laser", page: 1, x: 1, y: 1 }])
      expect(pointFrom(wrong)).toBeNull();
    for (const part of ["page", "x", "y"])
      for (const value of [null, "1", 1.5, Infinity])
        expect(pointFrom({ kind: "pointer", page: 1, x: 1, y: 1, [part]: value })).toBeNull();
    expect(pointFrom({ kind: "pointer", page: 0, x: 1, y: 1 })).toBeNull();
  });
});

describe("keys", () => {
  it("begin in the middle of each page, move far, and with Shift by little", () => {
    const first = keyed(null, "pointer", 4, "ArrowDown", false);
    expect(first).toEqual(pointAt("pointer", 4, 5_000, 5_000));
    expect(keyed(first, "pointer", 4, "ArrowLeft", false)).toEqual(pointAt("pointer", 4, 4_750, 5_000));
    expect(keyed(first, "pointer", 4, "ArrowUp", true)).toEqual(pointAt("pointer", 4, 5_000, 4_950));
    expect(keyed(first, "pointer", 5, "ArrowUp", true)).toEqual(pointAt("pointer", 5, 5_000, 5_000));
  });

  it("that mean something else are left to it", () => {
    expect(keyed(null, "pointer", 1, "PageDown", false)).toBeNull();
  });
});
