import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { item, meeting, paper } from "../deskexample";
import { type Plan, planFor } from "../core/pushing";
import type { Answer } from "../wire/commands";
import { Door } from "../testdoor";
import type { Command, Meeting } from "../wire/types";
import { Pushing } from "./pushing.svelte";

const ITEMS = [item("i1", { state: "current" }), item("i2")];
const OK: Answer = { ok: true, now: 0, version: 1 };

/** A meeting that does what it is told, as far as a desk sees it. */
class Desk {
  readonly id = "m1";
  meeting = $state.raw<Meeting | null>(meeting({ phase: "open", items: ITEMS }));
  statuses = $state.raw<Readonly<Record<string, unknown>>>({});
  readonly sent: Command[] = [];
  answer: Answer = OK;
  command = (command: Command): Promise<Answer> => {
    this.sent.push(command);
    if (command.type === "paper.attach") this.holds(paper(command.paper, command.item, { state: "ready" }));
    return Promise.resolve(this.answer);
  };
  holds(one: ReturnType<typeof paper>): void {
    this.meeting = { ...this.meeting!, papers: { ...this.meeting!.papers, [one.id]: one } };
  }
  says(id: string, state: string, code = ""): void {
    this.statuses = { ...this.statuses, [`paper:${id}`]: { state, pages: 3, code, details: {} } };
  }
}

let desk: Desk;
let pushing: Pushing;
const file = new File(["%PDF"], "Tờ_trình.docx");
const plan = (change: Partial<Plan> = {}): Plan => ({ ...planFor(desk.meeting!, file.name), ...change });
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) {
    flushSync();
    await new Promise((resolve) => setTimeout(resolve));
  }
};

beforeEach(() => {
  Door.opened.length = 0;
  vi.stubGlobal("XMLHttpRequest", Door);
  desk = new Desk();
  pushing = new Pushing(desk);
});
afterEach(() => {
  pushing.close();
  vi.unstubAllGlobals();
});

test("a dropped file is sent, converted, put on the current item and shown, in this order", async () => {
  const done = pushing.push(file, plan());
  const door = Door.opened[0]!;
  expect(door.asked).toBe("POST /api/papers?shelf=m1");
  door.upload.onprogress?.({ loaded: 1, total: 2 });
  expect(pushing.step).toEqual({ at: "sending", share: 0.5 });
  door.answer(201, { id: "p1" });
  await settled();
  desk.says("p1", "converting");
  await settled();
  expect(pushing.step).toEqual({ at: "working", state: "converting" });
  expect(desk.sent).toEqual([]);
  desk.says("p1", "ready");
  await settled();
  await done;
  expect(desk.sent.map(({ type }) => type)).toEqual(["paper.attach", "paper.show"]);
  expect(desk.sent[0]).toMatchObject({ item: "i1", title: "Tờ trình", readers: "all" });
  expect(pushing.step).toEqual({ at: "done", paper: "p1", shown: true, late: false });
});

test("what cannot be converted is put before nobody, and the sentence says why", async () => {
  const done = pushing.push(file, plan());
  Door.opened[0]!.answer(201, { id: "p1" });
  await settled();
  desk.says("p1", "refused", "paper.encrypted");
  await settled();
  await done;
  expect(desk.sent).toEqual([]);
  expect(pushing.step.at).toBe("failed");
  expect(pushing.step).toHaveProperty("why", expect.not.stringContaining("paper."));
});

test("when the meeting has gone on meanwhile, nothing is shown by itself", async () => {
  const done = pushing.push(file, plan());
  Door.opened[0]!.answer(201, { id: "p1" });
  await settled();
  desk.meeting = { ...desk.meeting!, items: [item("i1", { state: "done" }), item("i2", { state: "current" })] };
  desk.says("p1", "ready");
  await settled();
  await done;
  expect(desk.sent.map(({ type }) => type)).toEqual(["paper.attach"]);
  expect(pushing.step).toEqual({ at: "done", paper: "p1", shown: false, late: true });
});

test("a newer version waits for news of its own, and a paper that is on screen is not shown twice", async () => {
  desk.holds(paper("p1", "i1"));
  desk.meeting = { ...desk.meeting!, shown: { paper: "p1", page: 2, x: 0, y: 0, width: 10_000 } };
  desk.says("p1", "ready");
  const done = pushing.push(file, plan({ replaces: "p1" }));
  const door = Door.opened[0]!;
  expect(door.asked).toBe("PUT /api/papers/p1");
  door.answer(200, { id: "p1" });
  await settled();
  expect(pushing.step).toEqual({ at: "working", state: "received" });
  desk.says("p1", "ready");
  await settled();
  await done;
  expect(desk.sent).toEqual([]);
  expect(pushing.step).toEqual({ at: "done", paper: "p1", shown: true, late: false });
});

test("a refusal of the door is a sentence, and thinking better of it leaves nothing behind", async () => {
  const refused = pushing.push(file, plan());
  Door.opened[0]!.answer(413, { code: "paper.too_large", details: { limit_mb: 200 } });
  await refused;
  expect(pushing.step).toHaveProperty("why", expect.stringContaining("200"));
  const stopped = pushing.push(file, plan());
  pushing.reset();
  await stopped;
  expect(pushing.step).toEqual({ at: "idle" });
  expect(desk.sent).toEqual([]);
});

test("what fails after the file has arrived is tried again without sending it anew", async () => {
  desk.answer = { ...OK, ok: false, code: "live.no_answer", details: { seconds: 5 } };
  const failed = pushing.push(file, plan());
  Door.opened[0]!.answer(201, { id: "p1" });
  await settled();
  desk.says("p1", "ready");
  await settled();
  await failed;
  expect(pushing.step.at).toBe("failed");
  desk.answer = OK;
  desk.meeting = { ...desk.meeting!, papers: {} };
  const done = pushing.push(file, plan());
  await settled();
  await done;
  expect(Door.opened).toHaveLength(1);
  expect(pushing.step).toEqual({ at: "done", paper: "p1", shown: true, late: false });
});
