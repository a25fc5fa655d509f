import { render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import { ballot, meeting, member, request, withBallots, withMembers } from "../deskexample";
import { rolesOf } from "../state/meeting.svelte";
import type { RoomState } from "../state/room.svelte";
import type { Meeting } from "../wire/types";
import RoomFloor from "./RoomFloor.svelte";
import RoomFoot from "./RoomFoot.svelte";
import RoomPeek from "./RoomPeek.svelte";
import RoomPresent from "./RoomPresent.svelte";
import RoomStrips from "./RoomStrips.svelte";
import RoomWhere from "./RoomWhere.svelte";

/** The room as `me` has it: a member with a vote, a guest, and somebody who only sees to the technology. */
function room(me: string, change: Partial<Meeting> = {}): RoomState {
  const people = withMembers(
    member("a"),
    member("b"),
    member("khach", { roles: ["guest"], mandate: false }),
    member("kt", { roles: ["technician"], mandate: false }),
  );
  const now = meeting({ ...people, ...change });
  const line = { step: "fine", since: null, reason: "" };
  const known = { meeting: now, me, member: now.members[me], roles: rolesOf(now, me), line, offset: 0, statuses: {} };
  const standing = { ...known, now: () => 0, act: () => Promise.resolve(true) };
  const replaced = { list: [], next: "" };
  const reading = { place: null, presented: null, following: true };
  const opinions = { book: { opinions: {}, amendments: {} }, comments: [], follow: () => undefined };
  const preload = { missing: 0 };
  const more = { replaced, reading, opinions, preload, layers: [], writable: ["mine", "desk"] };
  return { standing, ...more } as unknown as RoomState;
}
const nothing = (): void => undefined;
const labels = (): string[] => screen.queryAllByRole("button").map((one) => one.textContent?.trim() ?? "");

test.each([
  ["b", 2],
  ["khach", 0],
  ["kt", 0],
])("while a ballot is open %s is asked for a vote by %i buttons in portrait", (me, count) => {
  const open = ballot("v", { state: "open", electorate: { a: "a", b: "b" } });
  const here = room(me, withBallots(open));
  render(RoomPeek, { standing: here.standing, media: null, onopen: nothing, onask: nothing });
  render(RoomStrips, { room: here, voteStrip: true });
  expect(labels().filter((one) => one === "Bỏ phiếu")).toHaveLength(count);
});

test.each(["kt", "khach"])("what only those who take part may do is offered to them alone (%s)", (me) => {
  const here = room(me, { requests: [request("b", 1)] });
  render(RoomFloor, { standing: here.standing, onask: nothing });
  render(RoomPresent, { room: here });
  render(RoomWhere, { room: here, onleave: nothing });
  const offered = [...labels(), ...screen.queryAllByRole("radio").map((one) => one.textContent)];
  expect(offered.length > 0).toBe(me === "khach");
});

test("that nobody is connected any more is said once: at the desk by the desk itself", () => {
  const ended = { step: "ended", since: 1, reason: "revoked" };
  const here = room("b");
  const gone = { ...here, standing: { ...here.standing, line: ended } } as unknown as RoomState;
  const { unmount } = render(RoomStrips, { room: gone, voteStrip: false });
  const said = screen.getAllByRole("status").length;
  unmount();
  render(RoomStrips, { room: gone, voteStrip: false, atDesk: true });
  expect(screen.queryAllByRole("status")).toHaveLength(said - 1);
});

test("who presents no longer writes for themselves again, and not into refusals", () => {
  const onlayer = vi.fn();
  const props = { narrow: false, pen: null, penOnly: false, presents: false, onpen: nothing, onpenonly: nothing };
  render(RoomFoot, { room: room("kt"), ...props, layer: "all", onlayer });
  expect(onlayer).toHaveBeenCalledWith("mine");
});
