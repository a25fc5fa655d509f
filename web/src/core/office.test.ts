import { expect, test } from "vitest";
import { officeOf } from "./office";

test("names an office without saying the agency twice", () => {
  const unit = "Sở Tài chính tỉnh Lam Giang";
  expect(officeOf({ title: "Giám đốc Sở Tài chính", unit })).toBe("Giám đốc Sở Tài chính");
  expect(officeOf({ title: "Giám đốc", unit })).toBe(`Giám đốc, ${unit}`);
  expect(officeOf({ title: "", unit: "" })).toBe("");
});
