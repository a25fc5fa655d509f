import { IDBFactory } from "fake-indexeddb";
import { openDB } from "idb";
import { beforeEach, expect, test } from "vitest";
import { type Delivery, Outbox, type Waiting } from "./outbox.svelte";

const KEY = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(9);
const stroke = (id: string): Waiting => ({
  kind: "ink",
  id,
  stream: "ink:v:thao",
  command: { type: "stroke", text: "nét bút của tôi" },
});

/** A server that answers until the line is cut. */
function line() {
  const sent: string[] = [];
  let cut = Infinity;
  return {
    sent,
    cutAfter: (count: number) => (cut = count),
    deliver: async ({ id }: Waiting): Promise<Delivery> => {
      if (sent.length >= cut) return "unsent";
      sent.push(id);
      return "answered";
    },
  };
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

test("what waits is sent in the order of writing, each once, and is gone then", async () => {
  const outbox = await Outbox.signIn("thao", KEY);
  for (const id of ["b", "a", "c"]) await outbox.add(stroke(id));
  expect(outbox.waiting).toBe(3);
  const server = line();
  await outbox.send(server.deliver);
  await outbox.send(server.deliver);
  expect(server.sent).toEqual(["b", "a", "c"]);
  expect(outbox.waiting).toBe(0);
});

test("a line cut in the middle leaves the rest, with the same ids", async () => {
  const outbox = await Outbox.signIn("thao", KEY);
  for (const id of ["a", "b", "c"]) await outbox.add(stroke(id));
  const server = line();
  server.cutAfter(1);
  await outbox.send(server.deliver);
  expect(outbox.waiting).toBe(2);
  server.cutAfter(Infinity);
  await outbox.send(server.deliver);
  expect(server.sent).toEqual(["a", "b", "c"]);
});

test("a deliverer that fails keeps the entry", async () => {
  const outbox = await Outbox.signIn("thao", KEY);
  await outbox.add(stroke("a"));
  await outbox.send(() => Promise.reject(new Error("line")));
  expect(outbox.waiting).toBe(1);
});

test("the same id put in twice is sent once", async () => {
  const outbox = await Outbox.signIn("thao", KEY);
  await outbox.add(stroke("a"));
  await outbox.add(stroke("a"));
  const server = line();
  await outbox.send(server.deliver);
  expect(server.sent).toEqual(["a"]);
});

test("two sendings at once do not send anything twice, and what comes in between goes too", async () => {
  const outbox = await Outbox.signIn("thao", KEY);
  await outbox.add(stroke("a"));
  const server = line();
  const first = outbox.send(server.deliver);
  await outbox.add(stroke("b"));
  await Promise.all([first, outbox.send(server.deliver)]);
  expect(server.sent).toEqual(["a", "b"]);
});

test("another person's entries are never sent, and wait for their owner", async () => {
  const thao = await Outbox.signIn("thao", KEY);
  await thao.add(stroke("a"));
  const thiet = await Outbox.signIn("thiet", OTHER);
  const server = line();
  await thiet.send(server.deliver);
  expect(server.sent).toEqual([]);
  expect(await thiet.mine()).toEqual([]);
  const again = await Outbox.signIn("thao", KEY);
  expect((await again.mine()).map(({ id }) => id)).toEqual(["a"]);
});

test("on the device nothing can be read", async () => {
  const outbox = await Outbox.signIn("thao", KEY);
  await outbox.add(stroke("a"));
  const db = await openDB("hopso");
  const [entry] = await db.getAll("outbox");
  const text = new TextDecoder().decode(entry.box);
  expect(text).not.toContain("nét bút");
  expect(text).not.toContain("stroke");
  const [key] = await db.getAll("keys");
  await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
});

test("an entry sealed with a lost key is dropped, the rest goes on", async () => {
  const before = await Outbox.signIn("thao", OTHER);
  await before.add(stroke("lost"));
  const after = await Outbox.signIn("thao", KEY);
  await after.add(stroke("a"));
  const server = line();
  await after.send(server.deliver);
  expect(server.sent).toEqual(["a"]);
  expect(after.waiting).toBe(0);
});

test("after a restart without a network the outbox is found again, after sign-out it is not", async () => {
  const outbox = await Outbox.signIn("thao", KEY);
  await outbox.add(stroke("a"));
  const resumed = await Outbox.resume("thao");
  expect((await resumed?.mine())?.map(({ id }) => id)).toEqual(["a"]);
  expect(await Outbox.resume("thiet")).toBeNull();
  await outbox.signOut(line().deliver, async () => "keep");
  expect(await Outbox.resume("thao")).toBeNull();
});

test("a secret choice is never stored", async () => {
  const outbox = await Outbox.signIn("thao", KEY);
  const secret = { kind: "vote", id: "v", ballot: "b", secret: true, command: {} } as unknown as Waiting;
  await expect(outbox.add(secret)).rejects.toThrow(TypeError);
  expect(outbox.waiting).toBe(0);
});

test("sign-out sends first and asks only about what is left", async () => {
  const outbox = await Outbox.signIn("thao", KEY);
  await outbox.add(stroke("a"));
  const asked: number[] = [];
  const gone = await outbox.signOut(line().deliver, async (waiting) => {
    asked.push(waiting);
    return "stay";
  });
  expect([gone, asked]).toEqual([true, []]);
});

test("sign-out without a line asks: stay, keep for next time, or throw away", async () => {
  const cut = line();
  cut.cutAfter(0);
  const first = await Outbox.signIn("thao", KEY);
  await first.add(stroke("a"));
  expect(await first.signOut(cut.deliver, async () => "stay")).toBe(false);
  expect(await first.signOut(cut.deliver, async () => "keep")).toBe(true);
  const second = await Outbox.signIn("thao", KEY);
  expect(second.waiting).toBe(1);
  expect(await second.signOut(cut.deliver, async () => "discard")).toBe(true);
  expect((await Outbox.signIn("thao", KEY)).waiting).toBe(0);
});

test("what is kept for a start without a network is sealed, one's own, and gone after sign-out", async () => {
  const outbox = await Outbox.signIn("thao", KEY);
  await outbox.keep("meeting/m1", { page: 7 });
  await outbox.keep("meeting/m1", { page: 8 });
  expect(await (await Outbox.resume("thao"))?.kept("meeting/m1")).toEqual({ page: 8 });
  const db = await openDB("hopso");
  expect(new TextDecoder().decode((await db.getAll("kept"))[0].box)).not.toContain("page");
  db.close();
  const other = await Outbox.signIn("thiet", OTHER);
  expect(await other.kept("meeting/m1")).toBeNull();
  expect(await (await Outbox.signIn("thao", KEY)).kept("meeting/m1")).toBeNull();
  await other.keep("meeting/m1", { page: 1 });
  await other.signOut(
    async () => "answered",
    async () => "keep",
  );
  expect(await (await Outbox.signIn("thiet", OTHER)).kept("meeting/m1")).toBeNull();
});

test("what belongs to a stopped meeting waits in its order, and another meeting's goes on without it", async () => {
  const outbox = await Outbox.signIn("thao", KEY);
  await outbox.add(stroke("a"));
  await outbox.add({ ...stroke("x"), stream: "ink:w:thao" });
  await outbox.add(stroke("b"));
  const server = line();
  const asked: string[] = [];
  await outbox.send(async (waiting) => {
    asked.push(waiting.id);
    return waiting.stream === "ink:v:thao" ? "later" : server.deliver(waiting);
  });
  expect([asked, server.sent, outbox.waiting]).toEqual([["a", "x"], ["x"], 2]);
  await outbox.send(server.deliver);
  expect(server.sent).toEqual(["x", "a", "b"]);
});
