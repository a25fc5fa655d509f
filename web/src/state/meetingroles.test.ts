import { afterEach, expect, test } from "vitest";
import { meeting } from "../deskexample";
import { errorText } from "../i18n";
import type { LiveClient } from "../wire/live";
import { MeetingState } from "./meeting.svelte";
import { session } from "./session.svelte";

const me = session.me;
afterEach(() => (session.me = me));

/** The roles of this person on a device where they are signed in like this. */
function rolesAt(only_meeting: string, person: string): string[] {
  session.me = { ...session.me!, person, only_meeting };
  const live = { onLine: () => () => {}, follow: () => () => {}, now: () => 0 } as unknown as LiveClient;
  const state = new MeetingState(live, "m1", person);
  state.restore(meeting({ chair: "a", presenting: "a" }), {});
  const held = [...state.roles].sort();
  state.close();
  return held;
}

test("a refusal speaks of whoever presides as the type of the meeting does, and neutrally once it is left", () => {
  const live = { onLine: () => () => {}, follow: () => () => {}, now: () => 0 } as unknown as LiveClient;
  for (const presiding of ["chủ tọa", "chủ trì"]) {
    const state = new MeetingState(live, "m1", "a");
    const known = meeting();
    state.restore({ ...known, rules: { ...known.rules, presiding } }, {});
    expect(errorText("floor.not_yours")).toBe(`Chỉ người phát biểu hoặc ${presiding} thực hiện được việc này.`);
    state.close();
    expect(errorText("floor.register_closed")).toMatch(/^Người chủ trì đã khóa/);
  }
});

test("whoever chairs has the desk where they signed in with an account, and not at a shared tablet", () => {
  expect(rolesAt("", "a")).toEqual(["chair", "delegate", "presenter"]);
  expect(rolesAt("m1", "a")).toEqual(["delegate", "presenter"]);
});
