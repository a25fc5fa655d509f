import { describe, expect, it } from "vitest";
import { NO_SEATS, readSeats, slotWord } from "./conferenceseats";

describe("the seats of a receiver", () => {
  it("are read from the forwarder's status", () => {
    const value = { type: "slots", seats: { video: ["a", null], audio: ["a", null, null], screen: "p" }, off: [1] };
    const read = { video: ["a", null], audio: ["a", null, null], screen: "p", off: [1], dark: [] };
    expect(readSeats(value)).toEqual(read);
    expect(readSeats({ ...value, dark: [0, 2] })).toEqual({ ...read, dark: [0, 2] });
  });

  it("are empty as long as nothing was said", () => {
    expect(readSeats(undefined)).toEqual(NO_SEATS);
    expect(readSeats({ type: "gone" })).toEqual(NO_SEATS);
  });

  it("say why a picture does not come: the line, or that it cannot be decoded here", () => {
    const seats = { ...NO_SEATS, video: ["a", "b", "c"], off: [1], dark: [2, 3] };
    expect([0, 1, 2, 3].map((slot) => slotWord(seats, slot))).toEqual(["", "weak", "coding", "coding"]);
  });
});
