import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { meeting, speech } from "../deskexample";
import type { MeetingState } from "../state/meeting.svelte";
import type { Command } from "../wire/types";
import ChairDeskFloor from "./ChairDeskFloor.svelte";

const NOW = Date.UTC(2026, 10, 22, 2, 0);
beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

test("who else is to speak is asked by the desk, not by the pane that turning the tablet takes away", async () => {
  const onother = vi.fn();
  const standing = { meeting: meeting({ phase: "open" }), roles: new Set(["chair"]) } as unknown as MeetingState;
  const { container } = render(ChairDeskFloor, { standing, offset: 0, onother });
  await fireEvent.click(screen.getByRole("button", { name: "Mời người khác…" }));
  expect(onother).toHaveBeenCalledOnce();
  expect(container.querySelector("dialog")).toBeNull();
});

test("whoever is invited is heard after three counted seconds, or at once when the chair says so", async () => {
  const sent: Command[] = [];
  const known = meeting({ phase: "open" });
  const person = Object.keys(known.members).find((one) => one !== known.chair)!;
  // Alone on the line: who sits in the chair's room is heard with the chair.
  const member = known.members[person]!;
  const online = { ...member, attendance: { ...member.attendance, state: "online" as const } };
  const speaking = {
    ...known,
    speaking: speech(person, { began_at: NOW, opens_at: NOW + 3_000 }),
    members: { ...known.members, [person]: online },
  };
  const act = (command: Command): Promise<boolean> => Promise.resolve(sent.push(command) > 0);
  const standing = { meeting: speaking, roles: new Set(["chair"]), act } as unknown as MeetingState;
  render(ChairDeskFloor, { standing, offset: 0, onother: () => undefined });
  await vi.advanceTimersByTimeAsync(1_300);
  // Whoever hears the screen is told who speaks, not every second that is counted.
  expect(document.querySelector("[aria-live] button")).toBeNull();
  await fireEvent.click(screen.getByRole("button", { name: /Micrô mở sau 2 giây · Mở ngay/ }));
  expect(sent).toEqual([{ type: "floor.open_now" }]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(screen.queryByRole("button", { name: /Mở ngay/ })).toBeNull();
});
