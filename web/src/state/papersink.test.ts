import { expect, test } from "vitest";
import type { Draft } from "../core/ink";
import type { Answer } from "../wire/commands";
import type { LiveClient } from "../wire/live";
import type { Outbox, Waiting } from "./outbox.svelte";
import { PapersInk } from "./papersink.svelte";

const draft: Draft = { page: 1, tool: "pen", colour: "#1b3fa8", width: 26, points: [[10, 10, 500]] };

test("a stroke the device cannot keep goes out at once; a refusal of it is told", async () => {
  const full = (): Promise<never> => Promise.reject(new DOMException("The disk is full.", "QuotaExceededError"));
  const outbox = { add: full, mine: full, keep: full, kept: full } as unknown as Outbox;
  const commands: unknown[] = [];
  const live = {
    now: () => 5,
    hint: () => undefined,
    follow: () => () => undefined,
    command: async (_: string, command: object) => (
      commands.push(command),
      { ok: false, now: 5, version: 0, code: "ink.paper_closed", details: {} }
    ),
  } as unknown as LiveClient;
  const told: [Waiting, Answer][] = [];
  const ink = new PapersInk(live, "an", () => Promise.resolve(outbox), {
    answered: (waiting, answer) => void told.push([waiting, answer]),
  });
  ink.book("v", ["mine"]).draw(draft, "mine");
  await expect.poll(() => told.length).toBe(1);
  expect(commands).toEqual([expect.objectContaining({ type: "stroke.add" })]);
  expect(told[0]?.[1].code).toBe("ink.paper_closed");
  ink.close();
});
