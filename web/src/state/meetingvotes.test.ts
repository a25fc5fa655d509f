import { afterEach, expect, test, vi } from "vitest";
import type { LiveClient } from "../wire/live";
import { MeetingState } from "./meeting.svelte";

afterEach(() => void vi.unstubAllGlobals());

test("a vote that is recorded while the tablet asks for its votes is not unknown again", async () => {
  const asked: ((votes: object) => void)[] = [];
  vi.stubGlobal("fetch", () => new Promise((resolve) => asked.push((votes) => resolve(Response.json({ votes })))));
  const live = { onLine: () => () => undefined, follow: () => () => undefined, now: () => 1 } as unknown as LiveClient;
  const standing = new MeetingState(live, "m", "an");
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  const vote = { type: "ballot.cast", ballot: "b", mandate: "an", choice: "agree" } as const;
  const [first, second] = [standing["loadVotes"](), standing["loadVotes"]()];
  await settled();
  standing.voted(vote, { ok: true, now: 1, version: 1 });
  asked[1]!({ a: { an: "disagree" } });
  await second;
  expect(standing.votes).toEqual({ a: { an: "disagree" }, b: { an: "agree" } });
  asked[0]!({});
  await first;
  expect(standing.votes, "the older answer").toEqual({ a: { an: "disagree" }, b: { an: "agree" } });
  standing.close();
});
