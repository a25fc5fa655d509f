import { forceCloseDatabase } from "fake-indexeddb";
import { openDB, unwrap } from "idb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BLANK } from "../core/blankmeeting";
import type { Answer } from "../wire/commands";
import type { CastVote } from "../wire/types";
import { paper } from "../deskexample";
import { hangUp } from "./line";
import { Outbox, type Waiting } from "./outbox.svelte";
import { forgetOutbox, outboxOf } from "./outboxhere";
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

const VOTE: CastVote = { type: "ballot.cast", ballot: "b", mandate: "an", choice: "agree" };
const ANSWERED: Answer = { ok: true, now: 1, version: 1, details: {} };

/** A room whose line writes down what it is given and answers it. */
async function entered(): Promise<{ room: RoomState; sent: unknown[] }> {
  await Outbox.signIn("an", new Uint8Array(32));
  const room = new RoomState("m", "an");
  const sent: unknown[] = [];
  room.standing.live.command = async (_, command) => (sent.push(command), ANSWERED);
  await room["resumed"];
  return { room, sent };
}

test("a vote that the device cannot keep goes out at once", async () => {
  const { room, sent } = await entered();
  vi.spyOn(Outbox.prototype, "add").mockRejectedValue(new DOMException("The disk is full.", "QuotaExceededError"));
  expect(await room["cast"](VOTE)).toEqual(ANSWERED);
  expect([sent, room.standing.votes]).toEqual([[VOTE], { b: { an: "agree" } }]);
  room.close();
});

test("a vote is cast although the browser has closed the shelves meanwhile, and the next one is kept again", async () => {
  const { room, sent } = await entered();
  (await outboxOf("an"))!["db"].close();
  expect(await room["cast"](VOTE)).toEqual(ANSWERED);
  expect(sent).toEqual([VOTE]);
  const add = vi.spyOn(Outbox.prototype, "add");
  await room["cast"]({ ...VOTE, choice: "disagree" });
  await expect(add.mock.results[0]?.value).resolves.toBeUndefined();
  expect(sent).toHaveLength(2);
  room.close();
});

test("a vote that lies where it cannot be read any more goes out all the same", async () => {
  const { room, sent } = await entered();
  vi.spyOn(Outbox.prototype, "send").mockRejectedValue(new DOMException("Lost.", "UnknownError"));
  expect(await room["cast"](VOTE)).toEqual(ANSWERED);
  expect(sent).toEqual([VOTE]);
  room.close();
});

test("shelves that the browser has closed are opened anew", async () => {
  await Outbox.signIn("an", new Uint8Array(32));
  const first = await outboxOf("an");
  expect(await outboxOf("an")).toBe(first);
  forceCloseDatabase(unwrap(first!["db"]) as never);
  await new Promise((resolve) => setTimeout(resolve, 10));
  const second = await outboxOf("an");
  expect(second).not.toBeNull();
  expect(second).not.toBe(first);
});

test("shelves that a newer page has rebuilt are nobody's to write into", async () => {
  await Outbox.signIn("an", new Uint8Array(32));
  const first = await outboxOf("an");
  const newer = await openDB("hopso", 3);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  expect(first!.isGone).toBe(true);
  expect(await outboxOf("an")).toBeNull();
  newer.close();
});

test("papers for members are brought, those for named readers and for the screen only are not; without a line they are counted", async () => {
  const room = new RoomState("m", "an");
  const bring = vi.spyOn(room.preload, "bring").mockResolvedValue();
  await room["resumed"];
  const papers = {
    all: paper("all", "i"),
    members: paper("members", "i", { readers: "members" }),
    named: paper("named", "i", { readers: "named", named: ["an"] }),
    screen: paper("screen", "i", { screen_only: true }),
  };
  room.standing.line = { step: "lost", since: 1, reason: "" };
  room.standing.meeting = { ...BLANK, papers };
  room.bring(1440);
  await expect.poll(() => bring.mock.calls.length).toBe(1);
  room.preload.missing = 1;
  room.standing.line = { step: "fine", since: null, reason: "" };
  await expect.poll(() => bring.mock.calls.map(([, , line]) => line)).toEqual([{ isCut: true }, { isCut: false }]);
  const restricted = bring.mock.calls[1]?.[0].map((one) => [one.version, one.restricted]);
  expect(restricted).toEqual([
    ["version-all", false],
    ["version-members", false],
    ["version-named", true],
    ["version-screen", true],
  ]);
  room.close();
});

test("when the meeting becomes an internal one, its papers are brought no more", async () => {
  const room = new RoomState("m", "an");
  const bring = vi.spyOn(room.preload, "bring").mockResolvedValue();
  await room["resumed"];
  room.standing.line = { step: "fine", since: null, reason: "" };
  room.standing.meeting = { ...BLANK, papers: { all: paper("all", "i") } };
  room.bring(1440);
  const restricted = (): unknown => bring.mock.calls.map(([papers]) => papers.map((one) => one.restricted));
  await expect.poll(restricted).toEqual([[false]]);
  room.standing.meeting = { ...room.standing.meeting, internal: true };
  await expect.poll(restricted).toEqual([[false], [true]]);
  room.close();
});
