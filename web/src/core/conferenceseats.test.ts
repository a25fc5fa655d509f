import { describe, expect, it } from "vitest";
import { NO_SEATS, readSeats } from "./conferenceseats";

describe("the seats of a receiver", () => {
  it("are read from the forwarder's status", () => {
    const value = { type: "slots", seats: { video: ["a", null], audio: ["a", null, null], screen: "p" }, off: [1] };
    expect(readSeats(value)).toEqual({ video: ["a", null], audio: ["a", null, null], screen: "p", off: [1] });
  });

  it("are empty as long as nothing was said", () => {
    expect(readSeats(undefined)).toEqual(NO_SEATS);
    expect(readSeats({ type: "gone" })).toEqual(NO_SEATS);
  });
});
