import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import type { RoomState } from "../state/room.svelte";
import RoomAlone from "./RoomAlone.svelte";

const report = { id: "p1", short: "Báo cáo", pages: 39 };
const annex = { id: "p2", short: "Phụ lục", pages: 4 };

/** Somebody reads `mine` alone while `shown` is presented. */
function room(mine: unknown, shown: unknown, follow = vi.fn()): RoomState {
  const reading = { following: false, place: mine, presented: shown, follow };
  return { reading, standing: { meeting: { phase: "open", members: {}, items: [] } } } as unknown as RoomState;
}

test("who reads another page of the paper that is shown is told the page only", async () => {
  const follow = vi.fn();
  render(RoomAlone, { room: room({ paper: report, page: 8 }, { paper: report, page: 7 }, follow) });
  expect(screen.getByText("Đang xem riêng trang 8")).toBeTruthy();
  expect(screen.getByText("Trình chiếu đang ở trang 7")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Theo trình chiếu" }));
  expect(follow).toHaveBeenCalledWith(true);
});

test("who reads another paper is told which one is shown", () => {
  render(RoomAlone, { room: room({ paper: annex, page: 1 }, { paper: report, page: 7 }) });
  expect(screen.getByText("Trình chiếu đang ở trang 7 · Báo cáo")).toBeTruthy();
});
