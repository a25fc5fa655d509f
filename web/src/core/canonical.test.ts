import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/canonical.json";
import { digest } from "../wire/digest";
import { canonical } from "./canonical";

describe("the canonical form", () => {
  it.each(golden.cases)("of $name is the server's", async ({ value, canonical: expected, sha256 }) => {
    expect(canonical(value)).toBe(expected);
    expect(createHash("sha256").update(expected).digest("hex")).toBe(sha256);
    expect(await digest(value)).toBe(sha256);
  });

  it.each(golden.refused)("of %j does not exist", (value) => {
    expect(() => canonical(value)).toThrow(TypeError);
  });

  it("of what is no data does not exist", () => {
    for (const value of [undefined, NaN, Infinity, 2 ** 53, () => 1, Symbol("x"), 1n]) {
      expect(() => canonical(value)).toThrow(TypeError);
    }
    expect(canonical(-0)).toBe("0");
  });
});
