import { expect, test } from "vitest";
import { BLANK } from "./blankmeeting";
import { mayExplain, NEVER, placeOf, TOURS, wasShown, withShown } from "./tour";

const MEETING = { ...BLANK, phase: "open" as const };

test("a tour has at most five steps", () => {
  for (const steps of Object.values(TOURS)) expect(steps.length).toBeLessThanOrEqual(5);
});

test("somebody is shown a tour once on a device, others still are", () => {
  const kept = withShown(null, "room", "an");
  expect(wasShown(kept, "room", "an")).toBe(true);
  expect([wasShown(kept, "chair", "an"), wasShown(kept, "room", "binh"), wasShown("?", "room", "an")]).toEqual([
    false,
    false,
    false,
  ]);
  expect(wasShown(NEVER, "room", "binh")).toBe(true);
  expect(withShown(NEVER, "room", "an")).toBe(NEVER);
});

test("nothing is explained during a vote, while one speaks, or afterwards", () => {
  expect(mayExplain(MEETING, "an")).toBe(true);
  expect(mayExplain({ ...MEETING, phase: "closed" }, "an")).toBe(false);
  const speech = { id: "s", person: "an" } as NonNullable<typeof MEETING.speaking>;
  expect(mayExplain({ ...MEETING, speaking: speech }, "an")).toBe(false);
  expect(mayExplain({ ...MEETING, speaking: speech }, "binh")).toBe(true);
  const ballots = { b: { id: "b", state: "open" } } as unknown as typeof MEETING.ballots;
  expect(mayExplain({ ...MEETING, ballots }, "an")).toBe(false);
});

test("the card never covers what it points at where there is room beside it", () => {
  const screen = { width: 1180, height: 820 };
  const card = { width: 320, height: 190 };
  for (const target of [
    { left: 10, top: 760, width: 330, height: 52 },
    { left: 1100, top: 10, width: 60, height: 44 },
    { left: 780, top: 60, width: 400, height: 690 },
    { left: 0, top: 60, width: 376, height: 700 },
  ]) {
    const { left, top } = placeOf(target, card, screen);
    const apart =
      left + card.width <= target.left ||
      left >= target.left + target.width ||
      top + card.height <= target.top ||
      top >= target.top + target.height;
    expect(apart).toBe(true);
    expect([left >= 0, top >= 0, left + card.width <= 1180, top + card.height <= 820]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  }
});
