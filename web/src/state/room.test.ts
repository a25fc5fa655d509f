import { afterEach, expect, test, vi } from "vitest";
import { hangUp } from "./line";
import { Outbox, type Waiting } from "./outbox.svelte";
import { forgetOutbox } from "./outboxhere";
import { RoomState } from "./room.svelte";

afterEach(() => {
  hangUp();
  forgetOutbox();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("a vote from before a restart waits no longer than until it is answered", async () => {
  vi.stubGlobal("caches", { has: async () => false, open: async () => null, delete: async () => true });
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
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
