import { beforeEach, describe, expect, it } from "vitest";
import type { Answer } from "./commands";
import type { LiveEvent } from "./follower";
import { LiveClient, SignedOut, type Surroundings } from "./live";
import type { LiveSocket, SocketSays } from "./socket";

/** A device whose time moves only when it is told to. */
class Device implements Surroundings {
  time = 1_000_000;
  private readonly timers = new Set<{ at: number; run: () => void }>();
  private wakers: (() => void)[] = [];
  private ids = 0;

  now = (): number => this.time;
  random = (): number => 0.5;
  freshId = (): string => `id-${(this.ids += 1)}`;
  onWake = (run: () => void): (() => void) => {
    this.wakers.push(run);
    return () => (this.wakers = this.wakers.filter((waker) => waker !== run));
  };
  later = (run: () => void, ms: number): (() => void) => {
    const timer = { at: this.time + ms, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  /** Let time pass, running what is due, in order. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const due = [...this.timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.time = Math.max(this.time, due.at);
      this.timers.delete(due);
      due.run();
      await settle();
    }
    this.time = end;
  }

  /** Sleep: time passes, and no timer runs before the device is awake again. */
  async sleep(ms: number): Promise<void> {
    this.time += ms;
    await this.pass(0);
  }

  wake(): void {
    for (const waker of this.wakers) waker();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

interface Asked {
  word: string;
  payload: { stream: string; since?: number; id?: string; command?: unknown; before?: number };
  answer: (answer: Record<string, unknown>) => void;
}

/** One socket, with the server's hand on its other end. */
class Socket implements LiveSocket {
  asked: Asked[] = [];
  hints: unknown[] = [];
  closed = false;

  constructor(
    readonly ticket: string,
    readonly says: SocketSays,
  ) {}

  ask(word: "command" | "sync", payload: unknown, answered: (answer: unknown) => void): void {
    this.asked.push({ word, payload: payload as Asked["payload"], answer: answered });
  }
  hint(payload: unknown): void {
    this.hints.push(payload);
  }
  close(): void {
    this.closed = true;
  }
  syncs(): Asked[] {
    return this.asked.filter((asked) => asked.word === "sync" && asked.payload.stream !== "");
  }
  probes(): Asked[] {
    return this.asked.filter((asked) => asked.payload.stream === "");
  }
  commands(): Asked[] {
    return this.asked.filter((asked) => asked.word === "command");
  }
  event(...versions: number[]): void {
    this.says.heard("event", versions.map(event));
  }
  status(topic: string, seq: number, value: unknown, stream = "meeting:1"): void {
    this.says.heard("status", { stream, topic, seq, value });
  }
}

function event(version: number): LiveEvent {
  return { stream: "meeting:1", version, at: 0, by: "an", order_of: "", type: "added", data: {} };
}

let device: Device;
let sockets: Socket[];
let tickets: (() => Promise<string>) | null;
let reports: string[];
let client: LiveClient;
let heard: string[];
let digest: string | undefined;

const handlers = {
  onSnapshot: (state: unknown, version: number) => void heard.push(`snapshot ${JSON.stringify(state)} ${version}`),
  onEvents: (events: readonly LiveEvent[], version: number) =>
    void heard.push(`events ${events.map((e) => e.version).join(",")} to ${version}`),
  onStatus: (topic: string, value: unknown) => void heard.push(`status ${topic} ${JSON.stringify(value)}`),
  onRefused: (code: string) => void heard.push(`refused ${code}`),
  digestOf: () => (digest === undefined ? undefined : Promise.resolve(digest)),
};

beforeEach(() => {
  device = new Device();
  sockets = [];
  tickets = null;
  reports = [];
  heard = [];
  digest = undefined;
  let count = 0;
  client = new LiveClient({
    ticket: () => tickets?.() ?? Promise.resolve(`ticket-${(count += 1)}`),
    endpoint: "ban-1",
    device,
    open: ({ ticket }, says) => {
      const socket = new Socket(ticket, says);
      sockets.push(socket);
      return socket;
    },
    report: (what, stream) => reports.push(`${what} ${stream}`),
  });
});

function last(): Socket {
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error("no socket was opened");
  return socket;
}

/** A client that is connected and follows the meeting at version 3. */
async function following(): Promise<Socket> {
  client.follow("meeting:1", handlers);
  client.start();
  await device.pass(0);
  last().says.connected();
  last()
    .syncs()[0]
    ?.answer({ ok: true, now: device.time, version: 3, snapshot: { count: 3 } });
  return last();
}

const steps = (): string[] => {
  const seen: string[] = [];
  client.onLine((state) => seen.push(state.step));
  return seen;
};

describe("following", () => {
  it("begins with a snapshot and takes events in the order of their versions", async () => {
    const socket = await following();
    socket.event(4);
    socket.event(5, 6);
    expect(heard).toEqual(['snapshot {"count":3} 3', "events 4 to 4", "events 5,6 to 6"]);
    expect(socket.syncs().map((asked) => asked.payload.since)).toEqual([0]);
  });

  it("takes no event twice", async () => {
    const socket = await following();
    socket.event(4, 5);
    socket.event(4, 5);
    socket.event(5, 6);
    expect(heard.slice(1)).toEqual(["events 4,5 to 5", "events 6 to 6"]);
  });

  it("moves on over hidden events without showing them", async () => {
    const socket = await following();
    socket.says.heard("event", [{ stream: "meeting:1", version: 4, type: "hidden" }, event(5)]);
    socket.says.heard("event", [{ stream: "meeting:1", version: 6, type: "hidden" }]);
    expect(heard.slice(1)).toEqual(["events 5 to 5", "events  to 6"]);
  });

  it("asks for what is missing when it sees a gap, once, and takes nothing beyond it", async () => {
    const socket = await following();
    socket.event(5);
    socket.event(6);
    expect(heard).toHaveLength(1);
    expect(socket.syncs().map((asked) => asked.payload.since)).toEqual([0, 3]);
    socket.syncs()[1]?.answer({ ok: true, now: 1, version: 6, events: [event(4), event(5), event(6)] });
    expect(heard.slice(1)).toEqual(["events 4,5,6 to 6"]);
  });

  it("keeps the newest status of each topic", async () => {
    const socket = await following();
    socket.status("turnout", 5, 1);
    socket.status("turnout", 4, 0);
    socket.status("turnout", 6, null);
    expect(heard.slice(1)).toEqual(["status turnout 1", "status turnout null"]);
  });

  it("passes refusals on, and asks again when it was only too fast", async () => {
    client.follow("meeting:1", handlers);
    client.start();
    await device.pass(0);
    last().says.connected();
    last().syncs()[0]?.answer({ ok: false, now: 1, version: 0, code: "live.too_fast" });
    await device.pass(1_000);
    last().syncs()[1]?.answer({ ok: false, now: 1, version: 0, code: "stream.forbidden" });
    expect(heard).toEqual(["refused stream.forbidden"]);
  });

  it("comes again, more seldom, while the system is stopped, and refuses nothing to whoever follows", async () => {
    client.follow("ink:1:all", handlers);
    client.start();
    await device.pass(0);
    const socket = last();
    socket.says.connected();
    socket.syncs()[0]?.answer({ ok: false, now: 1, version: 0, code: "meeting.stopped" });
    const asked = (): number => socket.syncs().filter(({ payload }) => payload.stream === "ink:1:all").length;
    const seconds = async (count: number): Promise<void> => {
      for (; count > 0; count -= 1) {
        await device.pass(1_000);
        socket.says.alive();
      }
    };
    await seconds(9);
    expect(asked()).toBe(1);
    await seconds(2);
    expect(asked()).toBe(2);
    expect(heard).toEqual([]);
  });

  it("says that it follows no longer", async () => {
    client.start();
    await device.pass(0);
    last().says.connected();
    const stop = client.follow("meeting:1", handlers);
    stop();
    expect(
      last()
        .syncs()
        .map((asked) => asked.payload.since),
    ).toEqual([0, -1]);
    last().event(1);
    expect(heard).toEqual([]);
  });

  it("begins from a snapshot when the server says that its view has changed", async () => {
    const socket = await following();
    socket.status("resync", 9, { since: 0 });
    expect(socket.syncs().at(-1)?.payload.since).toBe(0);
  });

  it("begins everything anew when its rights changed while it was away: events do not tell what was hidden", async () => {
    const socket = await following();
    let rights = "delegate";
    client.follow("opinions:1", { onSnapshot: () => undefined, onEvents: () => undefined });
    client.follow("meeting:2", {
      onSnapshot: () => undefined,
      onEvents: () => (rights = "chair"),
      rights: () => rights,
    });
    const [book, meeting] = socket.syncs().slice(-2);
    book!.answer({ ok: true, now: 1, version: 4, snapshot: {} });
    meeting!.answer({ ok: true, now: 1, version: 4, snapshot: {} });
    const before = socket.syncs().length;
    socket.says.heard("event", [{ ...event(6), stream: "meeting:2" }]);
    socket
      .syncs()
      .at(-1)!
      .answer({ ok: true, now: 1, version: 6, events: [5, 6].map(at) });
    expect(
      socket
        .syncs()
        .slice(before + 1)
        .map(({ payload }) => [payload.stream, payload.since]),
    ).toEqual([
      ["meeting:1", 0],
      ["opinions:1", 0],
      ["meeting:2", 0],
    ]);
  });
});

const at = (version: number): LiveEvent => ({ ...event(version), stream: "meeting:2" });

describe("the server's head", () => {
  it("that is ahead means that something was missed", async () => {
    const socket = await following();
    socket.status("head", 1, { version: 5 });
    expect(socket.syncs().at(-1)?.payload.since).toBe(3);
  });

  it("with another digest is reported, and the state begins anew", async () => {
    const socket = await following();
    digest = "ours";
    socket.status("head", 1, { version: 3, digest: "theirs" });
    await settle();
    expect(reports).toEqual(["digest meeting:1"]);
    expect(socket.syncs().at(-1)?.payload.since).toBe(0);
  });

  it("with the same digest, or for a state that has moved on, is fine", async () => {
    const socket = await following();
    digest = "same";
    socket.status("head", 1, { version: 3, digest: "same" });
    socket.status("head", 2, { version: 3, digest: "theirs" });
    socket.event(4);
    socket.status("head", 3, { version: 2, digest: "theirs" });
    await settle();
    expect(reports).toEqual([]);
  });
});

describe("commands", () => {
  it("carry an id and the moment after which they are not to be carried out", async () => {
    const socket = await following();
    const answer = client.command("meeting:1", { type: "page.turn" });
    const asked = socket.commands()[0];
    expect(asked?.payload).toEqual({
      stream: "meeting:1",
      id: "id-1",
      command: { type: "page.turn" },
      before: device.time + 5_000,
    });
    asked?.answer({ ok: true, now: 1, version: 4 });
    expect(await answer).toEqual({ ok: true, now: 1, version: 4 });
  });

  it("that steer fail visibly after five seconds, also without a line", async () => {
    await following();
    let answer: Answer | undefined;
    void client.command("meeting:1", {}).then((a) => (answer = a));
    await device.pass(4_900);
    expect(answer).toBeUndefined();
    await device.pass(200);
    expect(answer).toMatchObject({ ok: false, code: "live.no_answer", details: { seconds: 5 } });
    last().says.lost();
    void client.command("meeting:1", {}).then((a) => (answer = a));
    tickets = () => new Promise(() => undefined);
    answer = undefined;
    await device.pass(5_000);
    expect(answer).toMatchObject({ code: "live.no_answer" });
  });

  it("are sent again with the same id after a short loss, in their order", async () => {
    const first = await following();
    const answers = [client.command("meeting:1", { n: 1 }), client.command("meeting:1", { n: 2 }, { keep: true })];
    first.says.lost();
    await device.pass(1_000);
    last().says.connected();
    expect(
      last()
        .commands()
        .map((asked) => asked.payload.id),
    ).toEqual(first.commands().map((a) => a.payload.id));
    for (const asked of last().commands()) asked.answer({ ok: true, now: 1, version: 4 });
    expect((await Promise.all(answers)).every((answer) => answer.ok)).toBe(true);
  });

  it("that are kept wait however long it takes, a few at a time", async () => {
    const socket = await following();
    const answers = Array.from({ length: 20 }, (_, n) => client.command("ink:1:all", { n }, { keep: true }));
    expect(socket.commands()).toHaveLength(8);
    await device.pass(60_000);
    const sent = () => last().commands();
    last().says.connected();
    for (let n = 0; n < 20; n += 1) sent()[n]?.answer({ ok: true, now: 1, version: n });
    expect((await Promise.all(answers)).map((answer) => answer.version)).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  const notNow = ["live.too_fast", "storage.away", "storage.full", "meeting.stopped"];
  it.each(notNow)("that are kept are sent again when the server could not keep them: %s", async (code) => {
    const socket = await following();
    let answer: Answer | undefined;
    void client.command("ink:1:all", {}, { keep: true, id: "stroke-1" }).then((a) => (answer = a));
    socket.commands()[0]?.answer({ ok: false, now: 1, version: 0, code });
    await device.pass(500);
    expect(socket.commands()).toHaveLength(1);
    await device.pass(600);
    expect(socket.commands().map((asked) => asked.payload.id)).toEqual(["stroke-1", "stroke-1"]);
    socket.commands()[1]?.answer({ ok: false, now: 1, version: 0, code: "ink.closed" });
    await settle();
    expect(answer).toMatchObject({ code: "ink.closed" });
  });

  it("larger than the server takes never leave", async () => {
    const socket = await following();
    const answer = await client.command("minutes:1", { text: "ế".repeat(30_000) }, { keep: true });
    expect(answer).toMatchObject({ ok: false, code: "live.too_large" });
    expect(socket.commands()).toEqual([]);
  });
});

describe("the line", () => {
  it("says nothing for three seconds, then that it reconnects, then that it is lost, then that it is fine", async () => {
    const socket = await following();
    const seen = steps();
    tickets = () => Promise.reject(new Error("no network"));
    socket.says.lost();
    await device.pass(2_000);
    expect(seen).toEqual(["fine", "fine"]);
    await device.pass(2_000);
    expect(seen.at(-1)).toBe("reconnecting");
    await device.pass(12_000);
    expect(seen.at(-1)).toBe("lost");
    expect(client.line.since).toBe(device.time - 16_000);
    tickets = null;
    await device.pass(5_100);
    last().says.connected();
    expect(client.line).toEqual({ step: "fine", since: null, reason: "" });
  });

  it("comes back with a fresh ticket and asks for what came since", async () => {
    const first = await following();
    first.event(4);
    first.says.lost();
    await device.pass(1_000);
    expect([first.ticket, last().ticket]).toEqual(["ticket-1", "ticket-2"]);
    last().says.connected();
    expect(
      last()
        .syncs()
        .map((asked) => asked.payload.since),
    ).toEqual([4]);
  });

  it("does not listen to an earlier socket", async () => {
    const first = await following();
    first.says.lost();
    await device.pass(1_000);
    last().says.connected();
    first.event(4);
    first.says.lost();
    expect(heard).toHaveLength(1);
    expect(last().closed).toBe(false);
  });

  it("tries less and less often, and then every few seconds", async () => {
    await following();
    tickets = () => Promise.reject(new Error("no network"));
    const tried: number[] = [];
    tickets = () => {
      tried.push(device.time);
      return Promise.reject(new Error("no network"));
    };
    last().says.lost();
    await device.pass(60_000);
    const pauses = tried.slice(1).map((at, n) => at - (tried[n] ?? 0));
    expect(pauses.slice(0, 5)).toEqual([500, 1_000, 2_000, 4_000, 5_000]);
    expect(Math.max(...pauses)).toBe(5_000);
  });

  it("gives up a ticket or a connection that takes too long", async () => {
    tickets = () => new Promise(() => undefined);
    client.start();
    await device.pass(6_100);
    tickets = null;
    await device.pass(1_000);
    expect(sockets).toHaveLength(1);
    await device.pass(8_000);
    expect(sockets.length).toBeGreaterThan(1);
    expect(sockets[0]?.closed).toBe(true);
  });

  it("ends when there is no session any more", async () => {
    await following();
    tickets = () => Promise.reject(new SignedOut());
    last().says.lost();
    await device.pass(1_000);
    expect(client.line).toMatchObject({ step: "ended", reason: "signed_out" });
    expect(await client.command("meeting:1", {})).toMatchObject({ code: "live.ended" });
  });

  it("ends with the server's goodbye, answering what waits, unless the server only restarts", async () => {
    const socket = await following();
    socket.status("goodbye", 1, { reason: "restart" }, "");
    socket.says.lost();
    await device.pass(1_000);
    last().says.connected();
    const waiting = client.command("ink:1:all", {}, { keep: true });
    last().status("goodbye", 2, { reason: "disabled" }, "");
    expect(await waiting).toMatchObject({ code: "live.ended" });
    const count = sockets.length;
    await device.pass(60_000);
    expect(sockets).toHaveLength(count);
    expect(client.line).toMatchObject({ step: "ended", reason: "disabled" });
  });

  it("reports a message that the server found malformed, and does not hammer", async () => {
    await following();
    for (let n = 0; n < 5; n += 1) {
      last().status("goodbye", n + 1, { reason: "malformed" }, "");
      last().says.lost();
      await device.pass(5_000);
      last().says.connected();
    }
    expect(reports).toEqual(Array.from({ length: 5 }, () => "malformed "));
    const count = sockets.length;
    last().says.lost();
    await device.pass(4_000);
    expect(sockets).toHaveLength(count);
  });

  it("asks after waking, and reconnects at once when nothing is answered within two seconds", async () => {
    const socket = await following();
    device.wake();
    device.wake();
    expect(socket.probes()).toHaveLength(1);
    socket.probes()[0]?.answer({ ok: true, now: device.time, version: 0 });
    await device.pass(3_000);
    expect(sockets).toHaveLength(1);
    device.wake();
    await device.pass(1_900);
    expect(sockets).toHaveLength(1);
    await device.pass(200);
    expect(sockets).toHaveLength(2);
    expect(socket.closed).toBe(true);
  });

  it("notices a sleep by its clock alone", async () => {
    const socket = await following();
    await device.sleep(120_000);
    expect(socket.probes()).toHaveLength(1);
    await device.pass(2_000);
    expect(sockets).toHaveLength(2);
  });

  it("does not wait for its turn after waking", async () => {
    await following();
    tickets = () => Promise.reject(new Error("no network"));
    last().says.lost();
    await device.pass(20_000);
    tickets = null;
    device.wake();
    await device.pass(0);
    expect(sockets).toHaveLength(2);
    device.wake();
    await device.pass(0);
    expect(sockets, "a try that has only just begun is left alone").toHaveLength(2);
  });

  it("asks after a silence longer than the heartbeat", async () => {
    const socket = await following();
    for (let n = 0; n < 4; n += 1) {
      await device.pass(5_000);
      socket.says.alive();
    }
    expect(socket.probes()).toHaveLength(0);
    await device.pass(8_500);
    expect(socket.probes()).toHaveLength(1);
    await device.pass(2_000);
    expect(sockets).toHaveLength(2);
    expect(client.line.step).toBe("reconnecting");
  });

  it("is closed for good when it is stopped", async () => {
    const socket = await following();
    client.stop();
    device.wake();
    await device.pass(60_000);
    expect(socket.closed).toBe(true);
    expect(sockets).toHaveLength(1);
  });
});

describe("the server's clock", () => {
  it("is known from answers, whatever the device's own says", async () => {
    client.follow("meeting:1", handlers);
    client.start();
    await device.pass(0);
    last().says.connected();
    await device.pass(100);
    last().syncs()[0]?.answer({ ok: true, now: 5_000_000, version: 0, snapshot: null });
    expect(client.now()).toBe(5_000_050);
    await device.pass(1_000);
    expect(client.now()).toBe(5_001_050);
    const answer = client.command("meeting:1", {});
    last().commands()[0]?.answer({ ok: true, now: 4_000_000, version: 1 });
    await answer;
    expect(client.now(), "an answer heard again is of another time").toBe(5_001_050);
  });
});

describe("hints", () => {
  it("go out while there is a line and are forgotten otherwise", async () => {
    const socket = await following();
    client.hint("meeting:1", "pointer", [1, 2]);
    socket.says.lost();
    client.hint("meeting:1", "pointer", [3, 4]);
    expect(socket.hints).toEqual([{ stream: "meeting:1", type: "pointer", data: [1, 2] }]);
  });
});
