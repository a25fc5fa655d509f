import { render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { meeting } from "../deskexample";
import type { RoomState } from "../state/room.svelte";
import RoomAgenda from "./RoomAgenda.svelte";
import RoomStrips from "./RoomStrips.svelte";

function room(preload: object, step = "lost"): RoomState {
  const line = { step, since: 1, reason: "" };
  const standing = { meeting: meeting(), me: "a", roles: new Set(), line, now: () => 0, offset: 0, statuses: {} };
  const reading = { place: null, presented: null, following: true };
  return {
    standing,
    reading,
    preload,
    replaced: { next: "" },
    waiting: 0,
    folder: { offered: false },
  } as unknown as RoomState;
}
const told = (preload: object): string => {
  document.body.innerHTML = "";
  render(RoomStrips, { room: room(preload), voteStrip: false });
  return screen.getByText(/Mất kết nối|Mất mạng/).parentElement?.textContent ?? "";
};

test("without a line it is said how many papers are here, what lacks, and what is kept nowhere", () => {
  expect(told({ papers: 3, missing: 0, restricted: 0 })).toContain("trên 3 tài liệu đã tải đủ");
  const some = told({ papers: 2, missing: 5, restricted: 1 });
  expect(some).toContain("trên 2 tài liệu đã tải đủ");
  expect(some).toContain("Còn 5 trang chưa tải được. 1 tài liệu hạn chế không lưu trên máy.");
  expect(told({ papers: 0, missing: 9, restricted: 0 })).not.toContain("tài liệu đã tải đủ");
});

test("under the agenda those papers are counted that are on the device whole", () => {
  const preload = { papers: 2, missing: 0, restricted: 1, complete: true, busy: false };
  render(RoomAgenda, { room: room(preload, "fine"), onchosen: () => undefined });
  expect(screen.getByText(/Đã tải đủ 2 tài liệu/)).toBeTruthy();
  expect(screen.getByText("1 tài liệu hạn chế không lưu trên máy")).toBeTruthy();
});
