import { describe, expect, test } from "vitest";
import golden from "../../../tests/golden/redlines.json";
import { merged, redline, textOf, words } from "./redline";

describe("a redline", () => {
  test.each(golden)("is the same on both sides: $before", ({ before, proposals, redlines, merged: both }) => {
    expect(proposals.map((one) => redline(before, one).map(({ kind, text }) => [kind, text]))).toEqual(redlines);
    expect(merged(before, proposals)).toBe(both);
  });

  test("holds both texts whole", () => {
    const [before, after] = ["Mức hỗ trợ\nlà 50 triệu đồng.", "Mức hỗ trợ tối đa\n là 60 triệu đồng."];
    const of = (kind: string): string =>
      textOf(
        words(
          redline(before, after)
            .filter((piece) => piece.kind !== kind)
            .map((piece) => piece.text)
            .join(" "),
        ),
      );
    expect([of("new"), of("gone")]).toEqual([textOf(words(before)), textOf(words(after))]);
  });
});
