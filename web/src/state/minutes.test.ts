import { afterEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { fromBase64, toBase64 } from "../core/minutes";
import { FIELD } from "../core/minutestext";
import type { Answer } from "../wire/commands";
import type { StreamHandlers } from "../wire/follower";
import { Problem } from "../wire/http";
import { MinutesDesk } from "./minutes.svelte";
import { shelfOf } from "./minutesshelf";

/** The house at the other end of the line: a Yjs document, an HTTP door, and a line that can be cut. */
class House {
  readonly doc = new Y.Doc();
  readonly heard: { type: string; update?: string; blocks?: string[] }[] = [];
  readonly asked: string[] = [];
  refusals: string[] = [];
  up = true;
  news: unknown[] = [];
  version = 0;
  private handlers: StreamHandlers | null = null;
  private waiting: (() => void)[] = [];
  private timers: (() => void)[] = [];

  desk(person: string, writes = true, shelf = shelfOf(person, "m1")): MinutesDesk {
    return new MinutesDesk({
      meeting: "m1",
      writes,
      follow: (_stream, handlers) => {
        this.handlers = handlers;
        if (this.up) this.open();
        return () => (this.handlers = null);
      },
      command: (_stream, command) =>
        new Promise((resolve) => {
          const run = (): void => resolve(this.perform(command as { type: string; update?: string }));
          if (this.up) run();
          else this.waiting.push(run);
        }),
      ask: async <T>(method: string, path: string, asked?: { body?: unknown }): Promise<T> => {
        this.asked.push(`${method} ${path}`);
        if (!this.up) throw new Problem("network.unreachable");
        if (path.endsWith("/news")) return { news: this.news } as T;
        if (path.endsWith("/revisions")) return { revisions: [] } as T;
        if (path.endsWith("/updates")) return this.perform({ type: "minutes.update", ...(asked?.body as object) }) as T;
        return {} as T;
      },
      shelf,
      later: (run) => {
        this.timers.push(run);
        return () => (this.timers = this.timers.filter((other) => other !== run));
      },
      freshId: () => `id-${(this.version += 1)}`,
      now: () => 1000,
    });
  }

  open(): void {
    this.handlers?.onSnapshot({ update: toBase64(Y.encodeStateAsUpdate(this.doc)) }, this.version);
  }

  perform(command: { type: string; update?: string }): Answer {
    this.heard.push(command);
    const code = this.refusals.shift();
    if (code !== undefined) return { ok: false, now: 2000, version: 0, code, details: { seconds: 7 } };
    if (command.update !== undefined) Y.applyUpdate(this.doc, fromBase64(command.update));
    return { ok: true, now: 2000, version: 1, details: {} };
  }

  /** Let everything happen that waits for its time, and what follows from it. */
  async pass(): Promise<void> {
    for (let round = 0; round < 6; round += 1) {
      const due = this.timers;
      this.timers = [];
      due.forEach((run) => run());
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  }

  /** The page was closed: what it had handed to its line is gone. */
  forgetCommands(): void {
    this.waiting = [];
    this.timers = [];
  }

  async back(): Promise<void> {
    this.up = true;
    this.open();
    this.waiting.splice(0).forEach((run) => run());
    await this.pass();
  }

  get said(): string {
    return this.doc.getXmlFragment(FIELD).toString();
  }
}

function type(desk: MinutesDesk, words: string): void {
  desk.text.doc.transact(() => {
    const paragraph = new Y.XmlElement("paragraph");
    paragraph.insert(0, [new Y.XmlText(words)]);
    desk.text.doc.getXmlFragment(FIELD).push([paragraph]);
  });
}

const desks: MinutesDesk[] = [];
async function started(house: House, person: string, writes = true): Promise<MinutesDesk> {
  const desk = house.desk(person, writes);
  desks.push(desk);
  await desk.start();
  await house.pass();
  return desk;
}
afterEach(() => desks.splice(0).forEach((desk) => desk.stop()));

describe("the minutes on this device", () => {
  it("ask for the draft when nothing is written yet, once", async () => {
    const house = new House();
    await started(house, "ha1");
    house.open();
    await house.pass();
    expect(house.heard.filter(({ type }) => type === "minutes.insert")).toHaveLength(1);
  });

  it("send what was typed and say when it is saved", async () => {
    const house = new House();
    const desk = await started(house, "ha2");
    type(desk, "Một.");
    expect(desk.saving).toBe("saving");
    await house.pass();
    expect([desk.saving, desk.savedAt, house.said]).toEqual(["saved", 2000, "<paragraph>Một.</paragraph>"]);
    expect(await shelfOf("ha2", "m1").load()).toBeNull();
  });

  it("keep what was typed without a line across a restart, for the same person only", async () => {
    const house = new House();
    const desk = await started(house, "ha3");
    house.up = false;
    desk.lineChanged(false);
    type(desk, "Mất mạng.");
    await house.pass();
    expect(house.said).toBe("");
    desk.stop();
    house.forgetCommands();

    expect(await shelfOf("tuan", "m1").load()).toBeNull();
    const again = await started(house, "ha3");
    await house.back();
    expect(house.said).toBe("<paragraph>Mất mạng.</paragraph>");
    expect(again.saving).toBe("saved");
    expect(await shelfOf("ha3", "m1").load()).toBeNull();
  });

  it.each(["minutes.update_gap", "minutes.update_malformed"])("send everything after %s", async (code) => {
    const house = new House();
    const desk = await started(house, `gap-${code}`);
    house.refusals = [code];
    type(desk, "Đủ.");
    await house.pass();
    expect(house.said).toBe("<paragraph>Đủ.</paragraph>");
    expect(desk.problem).toBe("");
  });

  it("are written all the same where the device keeps nothing, and say so", async () => {
    const house = new House();
    const full = (): Promise<never> => Promise.reject(new DOMException("Refused.", "InvalidStateError"));
    const desk = house.desk("ha8", true, { load: full, keep: full });
    desks.push(desk);
    await desk.start();
    await house.pass();
    expect([desk.ready, desk.keeps]).toEqual([true, false]);
    type(desk, "Vẫn ghi.");
    await house.pass();
    expect([desk.saving, house.said]).toEqual(["saved", "<paragraph>Vẫn ghi.</paragraph>"]);
  });

  it("stop and say why when the server refuses, without losing a letter", async () => {
    const house = new House();
    const desk = await started(house, "ha4");
    house.refusals = ["minutes.not_yours_to_write"];
    type(desk, "Giữ lại.");
    await house.pass();
    expect([desk.saving, desk.problem]).toEqual(["stopped", "minutes.not_yours_to_write"]);
    expect(desk.details, "for a sentence that names something").toEqual({ seconds: 7 });
    expect(await shelfOf("ha4", "m1").load()).not.toBeNull();
    type(desk, "Sau đó.");
    await house.pass();
    expect(house.said).toBe("<paragraph>Giữ lại.</paragraph><paragraph>Sau đó.</paragraph>");
  });

  it("send a large text by HTTP, again until it is through", async () => {
    const house = new House();
    const desk = await started(house, "ha5");
    house.up = false;
    type(desk, "Dài. ".repeat(20_000));
    await house.pass();
    expect(desk.saving).toBe("waiting");
    await house.back();
    expect(house.asked.filter((path) => path.endsWith("/updates")).length).toBeGreaterThan(1);
    expect(house.said).toContain("Dài. Dài.");
    expect(desk.saving).toBe("saved");
  });

  it("take in what others write, and never send it back", async () => {
    const house = new House();
    const desk = await started(house, "ha6");
    const other = new Y.Doc();
    other.getXmlFragment(FIELD).push([new Y.XmlElement("paragraph")]);
    Y.applyUpdate(house.doc, Y.encodeStateAsUpdate(other));
    const before = house.heard.length;
    house.open();
    await house.pass();
    expect(desk.text.doc.getXmlFragment(FIELD).length).toBe(1);
    expect(house.heard.slice(before)).toEqual([]);
  });

  it("show news only to whoever writes, and ask again when the meeting moved", async () => {
    const house = new House();
    house.news = [{ what: "new", id: "speech:22" }];
    const desk = await started(house, "ha7");
    expect(desk.news).toEqual(house.news);
    house.news = [];
    desk.meetingMoved();
    desk.meetingMoved();
    await house.pass();
    expect(desk.news).toEqual([]);
    const reader = await started(house, "thao", false);
    type(reader, "không gửi");
    await house.pass();
    expect([reader.news, house.said]).toEqual([[], ""]);
  });
});
