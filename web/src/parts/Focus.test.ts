import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import { VOTED } from "../core/ballots";
import { ballot, meeting, member, withBallots, withMembers } from "../deskexample";
import type { Call, Meeting } from "../wire/types";
import BallotPanel from "./BallotPanel.svelte";
import CallHelp from "./CallHelp.svelte";
import DeskBallot from "./DeskBallot.svelte";
import SeatPlan from "./SeatPlan.svelte";

const nothing = (): void => undefined;
const act = (): Promise<boolean> => Promise.resolve(true);
const electorate = { a: "a", b: "b", c: "c", d: "d", e: "e" };
/** The button with these words has the focus, as a key or a finger gives it. */
function pressed(name: string | RegExp): void {
  screen.getByRole("button", { name }).focus();
}
const rests = (role: string, name: string): Promise<void> =>
  vi.waitFor(() => expect(document.activeElement).toBe(screen.getByRole(role, { name })));

test("after closing a ballot the desk's focus stays with the ballot", async () => {
  const open = ballot("v", { state: "open", electorate, of_all: 5 });
  const props = { turnout: 4, act, onplan: nothing, oncounted: nothing };
  const { rerender } = render(DeskBallot, { ...props, meeting: meeting(withBallots(open)), ballot: open });
  pressed(/^Đóng biểu quyết/);
  const closed = { ...open, state: "closed" as const, cast: 4 };
  await rerender({ ...props, meeting: meeting(withBallots(closed)), ballot: closed });
  await rests("region", "Biểu quyết");
});

test("after a secret vote the focus stays with the vote", async () => {
  const secret = ballot("v", { state: "open", method: "secret", electorate, of_all: 5 });
  const props = { meeting: meeting(withBallots(secret)), ballot: secret, me: "a", turnout: 0, onvote: act };
  const { rerender } = render(BallotPanel, { ...props, cast: {} });
  screen.getAllByRole("radio")[0]!.focus();
  await rerender({ ...props, cast: { a: VOTED } });
  await rests("region", "Biểu quyết");
});

test("after a call the focus stays where help is asked for", async () => {
  const props = { me: "b", act };
  const { rerender } = render(CallHelp, { ...props, meeting: meeting() });
  pressed("Gọi kỹ thuật");
  const call: Call = { id: "c", by: "b", kind: "technician", note: "", at: 1, answered_by: "", answered_at: 0 };
  await rerender({ ...props, meeting: meeting({ calls: { c: call } }) });
  await rests("group", "Cần hỗ trợ");
});

test("when another place is to be chosen for somebody the focus stays beside the map", async () => {
  const plan = { width: 100, height: 60, shapes: [], seats: [{ label: "1", x: 10, y: 10, turn: 0 }] };
  const seating = { room: "r", name: "Phòng họp", plan } as unknown as Meeting["seating"];
  const now = meeting({ ...withMembers(member("a", { seat: "1" })), seating });
  const { container } = render(SeatPlan, { meeting: now, statuses: {}, moves: true, act });
  await fireEvent.click(screen.getByRole("button", { name: /Người a/ }));
  pressed("Đổi chỗ…");
  await fireEvent.click(screen.getByRole("button", { name: "Đổi chỗ…" }));
  await vi.waitFor(() => expect(document.activeElement).toBe(container.querySelector("aside")));
});
