import { expect, test } from "vitest";
import { letterboxed } from "./letterbox";
import { UNITS, toPage } from "./viewport";

test("a picture stands whole in the middle, with bars above and below or at the sides", () => {
  expect(letterboxed({ width: 1600, height: 900 }, { width: 800, height: 800 })).toEqual({
    left: 0,
    top: 175,
    width: 800,
    height: 450,
  });
  expect(letterboxed({ width: 900, height: 1600 }, { width: 800, height: 800 })).toEqual({
    left: 175,
    top: 0,
    width: 450,
    height: 800,
  });
  expect(letterboxed({ width: 0, height: 0 }, { width: 800, height: 600 }).left).not.toBeNaN();
});

test("the same spot of the picture has the same name on every screen, whatever bars stand around it", () => {
  const whole = { x: 0, y: 0, width: UNITS };
  for (const box of [
    { width: 1920, height: 700 },
    { width: 400, height: 900 },
    { width: 640, height: 360 },
  ]) {
    const place = letterboxed({ width: 1280, height: 720 }, box);
    const spot = { x: place.width / 4, y: place.height / 2 };
    expect(toPage(spot, whole, place).x).toBeCloseTo(UNITS / 4);
    expect(toPage(spot, whole, place).y).toBeCloseTo((UNITS * 720) / 1280 / 2);
  }
});
