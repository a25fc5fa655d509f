import { expect, test } from "vitest";
import { type Contact, type Hand, NEW_HAND, afterContact, meaning } from "./inkhand";

const contact = (type: Contact["type"], changes: Partial<Contact> = {}): Contact => ({
  type,
  width: 20,
  height: 20,
  at: 10_000,
  ...changes,
});
const penned: Hand = { ...NEW_HAND, penSeen: true, penAt: 0 };

test("without a tool fingers and mouse move the page, and a pen still writes", () => {
  expect(meaning(NEW_HAND, contact("touch"), null)).toBe("move");
  expect(meaning(NEW_HAND, contact("mouse"), null)).toBe("move");
  expect(meaning(NEW_HAND, contact("pen"), null)).toBe("draw");
});

test("a finger draws until a pen has been seen", () => {
  expect(meaning(NEW_HAND, contact("touch"), "pen")).toBe("draw");
  expect(meaning(afterContact(NEW_HAND, contact("pen", { at: 0 })), contact("touch"), "pen")).toBe("move");
});

test("pen only means that fingers move the page from the start", () => {
  expect(meaning({ ...NEW_HAND, penOnly: true }, contact("touch"), "marker")).toBe("move");
});

test("the heel of the hand does nothing", () => {
  expect(meaning(penned, contact("touch", { width: 70 }), "pen")).toBe("ignore");
  expect(meaning(NEW_HAND, contact("touch", { height: 90 }), "pen")).toBe("ignore");
});

test("a touch right after the pen is the resting hand", () => {
  const writing: Hand = { ...penned, penAt: 9_800 };
  expect(meaning(writing, contact("touch"), "pen")).toBe("ignore");
});

test("the pen's other end erases, whatever tool is chosen", () => {
  expect(meaning(penned, contact("pen", { eraserEnd: true }), "marker")).toBe("erase");
  expect(meaning(NEW_HAND, contact("touch"), "eraser")).toBe("erase");
});
