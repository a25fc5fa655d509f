import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import { item, meeting, paper } from "../deskexample";
import { rolesOf } from "../state/meeting.svelte";
import type { RoomState } from "../state/room.svelte";
import type { Command, Meeting } from "../wire/types";
import RoomPresenting from "./RoomPresenting.svelte";

const draft = paper("d", "i2");
const SHOWN = { paper: "d", page: 3, x: 0, y: 0, width: 10_000 };

function room(change: Partial<Meeting>, own: number | null, me = "b") {
  const sent: Command[] = [];
  const follow = vi.fn();
  const now = meeting({ items: [item("i2", { state: "current" })], papers: { d: draft }, ...change });
  const standing = {
    meeting: now,
    me,
    roles: rolesOf(now, me),
    act: (one: Command) => Promise.resolve(!!sent.push(one)),
  };
  const place = { paper: draft, page: own ?? 1 };
  const reading = { following: own === null, place, shared: place, follow };
  return { room: { standing, reading } as unknown as RoomState, sent, follow };
}

test("whoever was handed the presenting puts the first paper, or the page they opened, on every screen", async () => {
  const start = room({ presenting: "b", shown: null }, null);
  const { unmount } = render(RoomPresenting, start);
  expect(screen.getByText("Đang giữ quyền trình chiếu")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Trình chiếu Tài liệu d" }));
  expect(start.sent).toEqual([{ type: "paper.show", paper: "d", page: 1 }]);
  expect(start.follow).toHaveBeenCalledWith(true);
  unmount();
  const opened = room({ presenting: "b", shown: SHOWN }, 5);
  render(RoomPresenting, opened);
  await fireEvent.click(screen.getByRole("button", { name: "Trình chiếu trang 5" }));
  expect(opened.sent).toEqual([{ type: "paper.show", paper: "d", page: 5 }]);
});

test("while everybody sees my page, it is told once, and the others are told nothing", async () => {
  const { unmount } = render(RoomPresenting, room({ presenting: "b", shown: SHOWN }, null));
  expect(screen.getByText("Trang lật ở đây hiện trên mọi máy đang theo.")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Đã rõ" }));
  expect(screen.queryByText("Đang giữ quyền trình chiếu")).toBeNull();
  unmount();
  render(RoomPresenting, room({ presenting: "b", shown: null }, null, "c"));
  expect(screen.queryByRole("status")).toBeNull();
});

test("whoever steers and took it up in the room is told as well", () => {
  render(RoomPresenting, room({ presenting: "b", shown: SHOWN, chair: "b" }, null));
  expect(screen.getByText("Trang lật ở đây hiện trên mọi máy đang theo.")).toBeTruthy();
});
