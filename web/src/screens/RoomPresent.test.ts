import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import { item, meeting, member, paper, withMembers } from "../deskexample";
import { rolesOf } from "../state/meeting.svelte";
import type { RoomState } from "../state/room.svelte";
import type { Command, Meeting } from "../wire/types";
import RoomPresent from "./RoomPresent.svelte";

const draft = paper("d", "i2");
const SHOWN = { paper: "d", page: 3, x: 0, y: 0, width: 10_000 };
const people = withMembers(member("a"), member("b", { roles: ["secretary"] }), member("c"));

function room(me: string, change: Partial<Meeting> = {}, page = 5, { refused = false, leads = false } = {}) {
  const now = meeting({ ...people, items: [item("i2", { state: "current" })], papers: { d: draft }, ...change });
  const sent: Command[] = [];
  const follow = vi.fn();
  const standing = {
    ...{ meeting: now, me, member: now.members[me], roles: rolesOf(now, me) },
    act: (one: Command) => Promise.resolve(!!sent.push(one) && !refused),
  };
  const reading = { shared: { paper: draft, page }, isWithPresenter: now.shown?.page === page, follow };
  const onbegun = vi.fn();
  render(RoomPresent, { room: { standing, reading } as unknown as RoomState, leads, onbegun });
  return { sent, follow, onbegun };
}
const labels = (): string[] => screen.getAllByRole("button").map((one) => one.textContent?.trim() ?? "");
const tap = (name: string): Promise<boolean> => fireEvent.click(screen.getByRole("button", { name }));

test.each(["a", "b"])("the secretary and the chair begin to present what they read by one tap (%s)", async (me) => {
  const { sent, follow, onbegun } = room(me);
  await tap("Trình chiếu cho mọi người");
  await vi.waitFor(() => expect(onbegun).toHaveBeenCalledOnce());
  expect(sent).toEqual([{ type: "presenting.take" }, { type: "paper.show", paper: "d", page: 5 }]);
  expect(follow).toHaveBeenCalledWith(true);
});

test("what is on every screen already is not shown once more, and nothing is shown where beginning was refused", async () => {
  const begun = room("b", { shown: SHOWN }, 3);
  await tap("Trình chiếu cho mọi người");
  await vi.waitFor(() => expect(begun.onbegun).toHaveBeenCalled());
  expect(begun.sent).toEqual([{ type: "presenting.take" }]);
  document.body.innerHTML = "";
  const late = room("b", {}, 5, { refused: true });
  await tap("Trình chiếu cho mọi người");
  expect(late.sent).toEqual([{ type: "presenting.take" }]);
  expect(late.follow).not.toHaveBeenCalled();
});

test("the secretary takes the presenting back from whoever holds it before presenting", async () => {
  const { sent } = room("b", { presenting: "c", shown: SHOWN });
  expect(labels()).toEqual(["Dừng trình chiếu", "Lấy lại trình chiếu từ Người c"]);
  await tap("Lấy lại trình chiếu từ Người c");
  expect(sent).toEqual([{ type: "presenting.hand_over", to: "" }]);
});

test("whoever presents takes the paper down, and gives the presenting back", async () => {
  const { sent } = room("c", { presenting: "c", shown: SHOWN });
  await tap("Dừng trình chiếu");
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  await tap("Trả quyền trình chiếu");
  expect(sent).toEqual([{ type: "paper.hide" }, { type: "presenting.return" }]);
});

test("at the desk, whose page is everybody's already, there is nothing to take up", () => {
  room("a", { shown: SHOWN }, 3, { leads: true });
  expect(labels()).toEqual(["Dừng trình chiếu"]);
});

test("others ask, and take that back", () => {
  room("c", { shown: SHOWN });
  expect(labels()).toEqual(["Xin trình chiếu"]);
  document.body.innerHTML = "";
  room("c", { asking: ["c"] });
  expect(labels()).toEqual(["Thôi xin trình chiếu"]);
});
