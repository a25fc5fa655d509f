import { describe, expect, it } from "vitest";
import { deviceWords, lostBetween, sendingWords, tally } from "./linereport";

const FINE = { hasCamera: true, hasMicrophone: true, trouble: null, cameraOff: false, muted: false } as const;

describe("what a site says of itself", () => {
  it("names what is there, what is off by choice, and why something is missing", () => {
    expect(deviceWords(FINE)).toEqual({ camera: "on", microphone: "on" });
    expect(deviceWords({ ...FINE, cameraOff: true, muted: true })).toEqual({ camera: "off", microphone: "muted" });
    expect(deviceWords({ ...FINE, hasCamera: false })).toEqual({ camera: "missing", microphone: "on" });
    expect(deviceWords({ ...FINE, hasCamera: false, hasMicrophone: false, trouble: "refused" })).toEqual({
      camera: "refused",
      microphone: "refused",
    });
  });

  it("says why the browser sends less: the computer before the line", () => {
    const sending = (reason: string, active = true) => ({
      type: "outbound-rtp",
      qualityLimitationReason: reason,
      active,
    });
    expect(sendingWords([sending("none"), sending("bandwidth")]).limited).toBe("bandwidth");
    expect(sendingWords([sending("cpu"), sending("bandwidth")]).limited).toBe("cpu");
    expect(sendingWords([sending("cpu", false)]).limited).toBe("");
    expect(sendingWords([{ type: "candidate-pair", nominated: true, currentRoundTripTime: 0.0416 }]).rtt_ms).toBe(42);
  });

  it("counts what was lost between two moments, on the way down and, as the other end says, up", () => {
    const at = (packetsReceived: number, packetsLost: number) =>
      tally([{ type: "inbound-rtp", packetsReceived, packetsLost }]);
    expect(lostBetween(at(100, 10), at(1_060, 50))).toBe(40);
    expect(lostBetween(at(0, 0), at(0, 0))).toBe(0);
    expect(lostBetween(at(10, 5), at(20, 4))).toBe(0);
    expect(
      tally([
        { type: "remote-inbound-rtp", fractionLost: 0.03 },
        { type: "outbound-rtp", bytesSent: 9 },
      ]),
    ).toMatchObject({
      lostUp: 0.03,
      sent: 9,
    });
  });
});
