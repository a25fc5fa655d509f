import { afterEach, expect, test, vi } from "vitest";
import { OPINION, passageKey } from "../core/opinions";
import type { StreamHandlers } from "../wire/follower";
import type { LiveClient } from "../wire/live";
import type { Book, OpinionEvent } from "../wire/types";
import { OpinionsState } from "./opinions.svelte";
import type { Waiting } from "./outbox.svelte";

const PASSAGE = { number: 7, page: 3, label: "Điều 5", text: "Mức là 50 triệu đồng." };
const NEW = { paper: "p", page: 3, place: "Điều 5", text: " Nhất trí. ", to: "desk" as const };

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A book on a tablet, with its line and its outbox in the test's hands. */
function tablet(kept: Waiting[] = [], keeps: boolean | "refused" = true) {
  const outbox = [...kept];
  const commands: unknown[] = [];
  const problems: string[] = [];
  let handlers: StreamHandlers | null = null;
  const live = {
    now: () => 5,
    follow: (_: string, given: StreamHandlers) => ((handlers = given), () => undefined),
    command: async (_: string, command: unknown) => (
      commands.push(command),
      { ok: false, now: 5, version: 0, code: "opinion.item_done" }
    ),
  } as unknown as LiveClient;
  const full = (): Promise<never> => Promise.reject(new DOMException("The disk is full.", "QuotaExceededError"));
  const add = async (one: Waiting): Promise<void> => void outbox.push(one);
  const shelf =
    keeps === "refused" ? { add: full, mine: full } : { add, mine: (): Promise<Waiting[]> => Promise.resolve(outbox) };
  const opinions = new OpinionsState({
    live,
    outbox: async () => (keeps ? shelf : null),
    sent: () => undefined,
    refused: ({ code }) => problems.push(code ?? ""),
    meeting: "m",
    me: "an",
  });
  opinions.follow();
  const told = (event: OpinionEvent): void => {
    const { type, ...data } = event;
    handlers?.onEvents([{ stream: "opinions:m", version: 1, at: 5, by: "an", order_of: "", type, data }], 1);
  };
  return { opinions, outbox, commands, problems, told, snapshot: (book: Book) => handlers?.onSnapshot(book, 0) };
}

test("what is written is shown at once, and marked until the server has answered", async () => {
  const { opinions, outbox, told } = tablet();
  await opinions.write({ id: "o-1", ...NEW });
  expect(opinions.book.opinions["o-1"]).toMatchObject({ person: "an", text: "Nhất trí.", page: 3, at: 5 });
  expect([...opinions.unsent]).toEqual(["o-1"]);
  const [waiting] = outbox;
  expect(waiting).toMatchObject({
    kind: "note",
    stream: "opinions:m",
    command: { type: "opinion.write", opinion: "o-1" },
  });
  told({ type: "opinion.written", opinion: { ...opinions.book.opinions["o-1"]!, at: 9 } });
  opinions.answered(waiting!, { ok: true });
  expect(opinions.book.opinions["o-1"]?.at).toBe(9);
  expect(opinions.unsent.size).toBe(0);
});

test("after a restart what had not been sent is still there", async () => {
  const before = tablet();
  await before.opinions.write({ id: "o-1", ...NEW });
  const { opinions } = tablet(before.outbox);
  await expect.poll(() => Object.keys(opinions.book.opinions)).toEqual(["o-1"]);
});

test("what is answered while it is read on the device waits no longer", async () => {
  const before = tablet();
  await before.opinions.write({ id: "o-1", ...NEW });
  const { opinions } = tablet(before.outbox);
  // It was sent at once, and the answer overtook the look into the outbox.
  opinions.answered(before.outbox[0]!, { ok: true });
  await new Promise((resolve) => setTimeout(resolve));
  expect(opinions.unsent.size).toBe(0);
});

test("words that were refused go back to where they were typed", async () => {
  const { opinions, outbox } = tablet();
  await opinions.write({ id: "o-1", ...NEW });
  await opinions.propose({ paper: "p", version: "v", passage: PASSAGE, text: "Mức là 60.", to: "desk", reason: "" });
  expect(Object.values(opinions.book.amendments)[0]).toMatchObject({ before: PASSAGE.text, after: "Mức là 60." });
  for (const waiting of outbox) opinions.answered(waiting, { ok: false });
  expect(opinions.book).toEqual({ opinions: {}, amendments: {} });
  expect(opinions.typed).toEqual({ [OPINION]: "Nhất trí.", [passageKey("v", 7)]: "Mức là 60." });
});

test("without a place to keep it, it goes out at once, and a refusal is said", async () => {
  const { opinions, commands, problems } = tablet([], false);
  await opinions.write({ id: "o-1", ...NEW });
  expect(commands).toHaveLength(1);
  expect([problems, opinions.typed[OPINION]]).toEqual([["opinion.item_done"], "Nhất trí."]);
});

test("taken back it is gone at once", async () => {
  const { opinions, told } = tablet();
  await opinions.write({ id: "o-1", ...NEW });
  told({ type: "opinion.written", opinion: opinions.book.opinions["o-1"]! });
  await opinions.withdraw("opinion", "o-1");
  expect(opinions.book.opinions).toEqual({});
});

test("an answer is given now or not at all", async () => {
  const { opinions, outbox, problems } = tablet();
  expect(await opinions.act({ type: "opinion.answer", opinion: "o-1", answer: "accepted" })).toBe(false);
  expect([outbox.length, problems]).toEqual([0, ["opinion.item_done"]]);
});

test("sticky comments are looked for from time to time; an answered one stands among the opinions", async () => {
  vi.useFakeTimers();
  const stuck = { id: "c-1", person: "binh", paper: "p", page: 3, text: "Chưa rõ.", to: "desk", at: 4 };
  const answers = [{ comments: [] }, null, { comments: [stuck] }, null, { comments: [] }];
  vi.stubGlobal("fetch", async () => {
    const answer = answers.shift();
    if (!answer) throw new TypeError("Failed to fetch");
    return new Response(JSON.stringify(answer), { headers: { "Content-Type": "application/json" } });
  });
  const { opinions, snapshot } = tablet();
  const end = opinions.watchComments();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(opinions.comments.map(({ id }) => id)).toEqual(["c-1"]);
  await vi.advanceTimersByTimeAsync(30_000); // no answer: what was seen stands
  expect(opinions.comments).toHaveLength(1);
  const taken = { ...stuck, to: "desk" as const, place: "", answer: "accepted" as const };
  snapshot({
    opinions: { "c-1": { ...taken, reply: "", answered_by: "s", answered_at: 9 } },
    amendments: {},
  });
  expect(opinions.comments).toEqual([]);
  end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(answers).toHaveLength(1);
});

test("what the device cannot keep goes out at once, and only then counts as written", async () => {
  const { opinions, commands, problems } = tablet([], "refused");
  expect(await opinions.write({ id: "o-1", ...NEW })).toBe(false);
  expect([commands.length, problems, opinions.typed[OPINION]]).toEqual([1, ["opinion.item_done"], "Nhất trí."]);
  expect(opinions.unsent.size).toBe(0);
});
