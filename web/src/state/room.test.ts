import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BLANK } from "../core/blankmeeting";
import { hangUp } from "./line";
import { Outbox, type Waiting } from "./outbox.svelte";
import { forgetOutbox } from "./outboxhere";
import { RoomState } from "./room.svelte";

beforeEach(() => {
  vi.stubGlobal("caches", { has: async () => false, open: async () => null, delete: async () => true });
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
});
afterEach(() => {
  hangUp();
  forgetOutbox();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("a vote from before a restart waits no longer than until it is answered", async () => {
  const before = await Outbox.signIn("an", new Uint8Array(32));
  const command = { type: "ballot.cast", ballot: "b", mandate: "an", choice: "agree" };
  await before.add({ kind: "vote", id: "c", stream: "meeting:m", ballot: "b", secret: false, command });

  const honest = Outbox.prototype.mine;
  const room = new RoomState("m", "an");
  room.standing.live.command = async () => ({ ok: true, now: 1, version: 1, details: {} });
  // The line comes back while the device is read.
  vi.spyOn(Outbox.prototype, "mine").mockImplementation(async function (this: Outbox): Promise<Waiting[]> {
    const found = await honest.call(this);
    void room["flush"]();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return found;
  });
  await expect.poll(() => room.standing.votes).toEqual({ b: { an: "agree" } });
  await room["resumed"];
  expect(room.standing.casting).toEqual({ b: {} });
  room.close();
});

test("the meeting is on the device as soon as it is shown, and as it was when the line went", async () => {
  vi.stubGlobal("setInterval", () => 0); // not only now and then
  const device = await Outbox.signIn("an", new Uint8Array(32));
  const room = new RoomState("m", "an");
  const kept = async (): Promise<unknown> =>
    (await device.kept<{ meeting: { title: string } }>("meeting/m"))?.meeting.title;
  await room["resumed"];
  for (const [title, step] of [
    ["Phiên họp", "fine"],
    ["Phiên họp tháng 11", "reconnecting"],
  ] as const) {
    room.standing.meeting = { ...BLANK, title };
    room.standing.line = { step, since: null, reason: "" };
    await expect.poll(kept).toBe(title);
  }
  room.close();
});
