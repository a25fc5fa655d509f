import { expect, test } from "vitest";
import { row, site } from "../linesexample";
import type { Meeting } from "../wire/types";
import { BLANK } from "./meeting";
import { knocking, siteHands } from "./sites";

const MEETING: Meeting = {
  ...BLANK,
  phase: "published",
  waiting_room: true,
  admitted: ["c"],
  locked: ["c"],
  pinned: "main",
  sites: { main: { ...site("main", 1), main: true }, a: site("a", 2), b: site("b", 3), c: site("c", 4) },
};
const STATUSES = { lines: [row("main"), row("a"), row("b", { state: "absent" }), row("c", { camera: "off" })] };

test("who waits and is there stands at the door; who has not come yet does not", () => {
  const hands = siteHands(MEETING, STATUSES);
  expect(hands.map((one) => [one.site.id, one.waits, one.knocks])).toEqual([
    ["main", false, false],
    ["a", true, true],
    ["b", true, false],
    ["c", false, false],
  ]);
  expect(knocking(MEETING, STATUSES)).toBe(1);
  expect(knocking({ ...MEETING, waiting_room: false }, STATUSES)).toBe(0);
});

test("each says whether it is heard, locked and on stage, and why it is not seen", () => {
  const [main, a, , c] = siteHands(MEETING, STATUSES);
  expect(main).toMatchObject({ heard: true, locked: false, pinned: true });
  expect(a).toMatchObject({ heard: false, word: "waiting_room" });
  expect(c).toMatchObject({ heard: false, locked: true, pinned: false, word: "camera_off" });
});
