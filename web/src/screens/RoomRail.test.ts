import { render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { meeting } from "../deskexample";
import { type MeetingState, rolesOf } from "../state/meeting.svelte";
import type { Meeting } from "../wire/types";
import RoomRail from "./RoomRail.svelte";

function standing(now: Meeting, me: string): MeetingState {
  const line = { step: "fine", since: null, reason: "" };
  const own = { me, roles: rolesOf(now, me), member: now.members[me], votes: {}, casting: {} };
  return { meeting: now, ...own, statuses: {}, offset: 0, line } as unknown as MeetingState;
}

test("the deputy, and nobody else, is shown the way to the controls while the meeting runs", () => {
  const now = meeting({ deputy: "b" });
  const way = (): HTMLElement | null => screen.queryByRole("link", { name: "Nhận điều khiển" });
  const shows = (state: Meeting, me: string): string | null => {
    const { unmount } = render(RoomRail, {
      standing: standing(state, me),
      media: null,
      narrow: false,
      onask: () => {},
    });
    const path = way()?.getAttribute("href") ?? null;
    unmount();
    return path;
  };
  expect(shows(now, "b")).toBe("/chu-toa/m1");
  expect(shows({ ...now, phase: "break" }, "b")).toBe("/chu-toa/m1");
  expect([shows(now, "c"), shows({ ...now, phase: "published" }, "b")]).toEqual([null, null]);
  expect(shows({ ...now, controlling: "b" }, "b")).toBeNull();
});
