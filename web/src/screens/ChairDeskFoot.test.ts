import { render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { meeting } from "../deskexample";
import type { MeetingState } from "../state/meeting.svelte";
import type { RoomState } from "../state/room.svelte";
import ChairDeskFoot from "./ChairDeskFoot.svelte";

test.each([
  ["open", 1],
  ["closed", 0],
] as const)("in a meeting that is %s a notice can be given by %i button", (phase, count) => {
  const standing = { meeting: meeting({ phase }), statuses: {}, roles: new Set(["chair"]) } as unknown as MeetingState;
  const room = {
    standing,
    opinions: {
      ...{ book: { opinions: {}, amendments: {} }, comments: [] },
      ...{ follow: () => undefined, watchComments: () => () => undefined },
    },
  } as unknown as RoomState;
  render(ChairDeskFoot, { standing, room, narrow: false, tight: false });
  expect(screen.queryAllByRole("button", { name: "Thông báo tới các điểm cầu" })).toHaveLength(count);
});
