import { render } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import { toBase64 } from "../core/minutes";
import { meeting, member, withMembers } from "../deskexample";
import { hangUp, line } from "../state/line";
import { type MeetingState, rolesOf } from "../state/meeting.svelte";
import { Live } from "../standingexample.svelte";
import SecretaryDeskMinutes from "./SecretaryDeskMinutes.svelte";

afterEach(() => {
  hangUp();
  vi.unstubAllGlobals();
});

test("whoever is made secretary while the minutes are open writes into what is sent", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  const sent: unknown[] = [];
  const opened = vi.fn();
  const house = line();
  house.follow = (_, { onSnapshot }) => (
    opened(),
    onSnapshot({ update: toBase64(Uint8Array.of(0, 0)) }, 0),
    () => undefined
  );
  house.command = async (_, command) => (sent.push(command), { ok: true, now: 0, version: 0, details: {} });
  const as = (...roles: ("delegate" | "secretary")[]) => meeting(withMembers(member("b", { roles })));
  const live = new Live(as("delegate"));
  const standing = {
    id: "m1",
    me: "b",
    version: 0,
    line: { step: "fine" },
    get meeting() {
      return live.meeting;
    },
    get roles() {
      return rolesOf(live.meeting, "b");
    },
  } as unknown as MeetingState;
  render(SecretaryDeskMinutes, { standing });
  await expect.poll(() => opened.mock.calls.length).toBe(1);
  expect(sent).toEqual([]);
  flushSync(() => void (live.meeting = as("delegate", "secretary")));
  // Empty minutes are drafted for whoever writes them.
  await expect.poll(() => sent).toEqual([{ type: "minutes.insert", blocks: [] }]);
  flushSync(() => void (live.meeting = as("delegate", "secretary")));
  expect(opened).toHaveBeenCalledTimes(2);
});
