import { expect, it } from "vitest";
import { onWake } from "./wake";

it("tells of the page being shown, of the network being gone and back, and of nothing once stopped", () => {
  let woken = 0;
  const stop = onWake(() => (woken += 1));
  document.dispatchEvent(new Event("visibilitychange"));
  window.dispatchEvent(new Event("pageshow"));
  window.dispatchEvent(new Event("offline"));
  window.dispatchEvent(new Event("online"));
  expect(woken).toBe(4);
  stop();
  window.dispatchEvent(new Event("online"));
  document.dispatchEvent(new Event("visibilitychange"));
  expect(woken).toBe(4);
});
