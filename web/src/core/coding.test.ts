import { describe, expect, it } from "vitest";
import { codecOf, offering } from "./coding";

const CODECS = ["video/VP8", "video/rtx", "video/H264", "video/H264", "video/AV1"].map((mimeType, at) => ({
  mimeType,
  at,
}));

describe("what pictures are coded in", () => {
  it("finds the first codec of that name, as browsers and descriptions spell it", () => {
    expect(codecOf("H264", CODECS)?.at).toBe(2);
    expect(codecOf("H264", [{ mimeType: "video/h264" }])).toBeDefined();
    expect(codecOf("H264", [{ mimeType: "video/VP8" }])).toBeUndefined();
  });

  it("offers everything but the other coding", () => {
    expect(offering("H264", CODECS).map((one) => one.at)).toEqual([1, 2, 3, 4]);
    expect(offering("VP8", CODECS).map((one) => one.at)).toEqual([0, 1, 4]);
    expect(offering("H264", [{ mimeType: "video/H264" }])).toHaveLength(1);
  });
});
