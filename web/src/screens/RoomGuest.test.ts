import { render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { withoutItems } from "../core/guests";
import { meeting } from "../deskexample";
import type { RoomState } from "../state/room.svelte";
import type { Meeting } from "../wire/types";
import RoomPage from "./RoomPage.svelte";

function room(now: Meeting): RoomState {
  const line = { step: "fine", since: null };
  const standing = { meeting: now, roles: new Set(["guest"]), line, now: () => 0 };
  const reading = { place: null, following: true };
  return { standing, reading, found: null, layers: [], replaced: { list: [] } } as unknown as RoomState;
}
const page = { pen: null, layer: "mine", penOnly: false, onpen: () => {} } as const;

test("a guest is told why nothing is shown while others deal with an item", async () => {
  const now = meeting();
  const { rerender } = render(RoomPage, { ...page, room: room(now) });
  expect(screen.getByText("Chưa trình chiếu tài liệu nào")).toBeTruthy();
  await rerender({ ...page, room: room(withoutItems(now, new Set(["i2"]))) });
  expect(screen.getByText("Đang xem xét nội dung khác")).toBeTruthy();
  expect(screen.getByText(/Giấy mời không gồm nội dung này/)).toBeTruthy();
});
