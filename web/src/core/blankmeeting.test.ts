import { expect, test } from "vitest";
import { BLANK, completed } from "./blankmeeting";
import type { Meeting } from "../wire/types";

/** The same without a field that came later. */
function without(whole: object, field: string): object {
  return Object.fromEntries(Object.entries(whole).filter(([key]) => key !== field));
}

test("a meeting kept by an earlier version has everything that this one looks for, and what it had", () => {
  const rules = without({ ...BLANK.rules, kind: "council" }, "speaking_ends");
  const kept = { ...without(BLANK, "asking"), title: "Phiên họp", rules } as Meeting;
  expect(completed(kept)).toEqual({ ...BLANK, title: "Phiên họp", rules: { ...BLANK.rules, kind: "council" } });
});
