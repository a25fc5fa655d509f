import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { expect, test } from "vitest";
import { meeting, paper } from "../deskexample";
import type { Stuck } from "../core/opinions";
import type { RoomState } from "../state/room.svelte";
import { OpinionsState } from "../state/opinions.svelte";
import type { StreamHandlers } from "../wire/follower";
import type { Amendment, Opinion, OpinionCommand } from "../wire/types";
import DeskOpinions from "./DeskOpinions.svelte";
import DeskOpinionsButton from "./DeskOpinionsButton.svelte";

const STUCK: Stuck = {
  ...{ id: "c-1", person: "a", paper: "p", page: 3, text: "Mức này đã gồm vốn Trung ương chưa?", to: "desk", at: 1 },
};

test("sticky comments stand among the opinions and are answered there", async () => {
  const sent: OpinionCommand[] = [];
  const opinions = {
    book: { opinions: {}, amendments: {} },
    comments: [STUCK],
    look: () => Promise.resolve(),
    act: (command: OpinionCommand) => Promise.resolve(sent.push(command) > 0),
  };
  const standing = { meeting: meeting({ papers: { p: paper("p", "i1") } }), roles: new Set(["secretary"]) };
  const room = { opinions, standing } as unknown as RoomState;
  render(DeskOpinions, { room, open: true, onclose: () => undefined });
  expect(await screen.findByText(STUCK.text)).toBeTruthy();
  expect(screen.getByText("Ghi chú dán")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Trả lời" }));
  await fireEvent.click(screen.getByLabelText("Tiếp thu"));
  await fireEvent.click(screen.getByRole("button", { name: "Ghi trả lời" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toEqual({
    ...{ type: "opinion.take_comment", comment: "c-1", paper: "p", answer: "accepted", reply: "" },
  });
});

test("a proposal says what became of it when its draft was replaced", async () => {
  const at = (id: string, change: Partial<Amendment>): Amendment => ({
    ...{ id, person: "a", paper: "p", passage: 1, page: 1, place: "", before: "Một.", after: "Hai.", to: "desk" },
    ...{ at: 1, reason: "", state: "open", reply: "", decided_by: "", decided_at: 0, decided_on: 0 },
    ...{ version: "old", origin: "", lost: "", lost_in: "", ...change },
  });
  const told = {
    "Đã chuyển sang bản mới": at("1", { version: "version-p", origin: "old" }),
    "Đoạn này không còn trong bản mới": at("2", { lost: "gone", lost_in: "version-p" }),
    "Bản mới đã sửa đúng chỗ này, chưa chuyển được": at("3", { lost: "changed", lost_in: "version-p" }),
    "Bản mới đã có nội dung này": at("4", { lost: "included", lost_in: "version-p" }),
    "Theo bản dự thảo trước": at("5", { state: "accepted", lost: "gone", lost_in: "version-p" }),
  };
  const amendments = Object.fromEntries(Object.values(told).map((one) => [one.id, one]));
  const opinions = { book: { opinions: {}, amendments }, comments: [], look: () => Promise.resolve() };
  const standing = { meeting: meeting({ papers: { p: paper("p", "i1") } }), roles: new Set(["secretary"]) };
  const room = { opinions, standing } as unknown as RoomState;
  render(DeskOpinions, { room, open: true, onclose: () => undefined });
  await fireEvent.click(screen.getByRole("tab", { name: /Đề nghị sửa/ }));
  for (const words of Object.keys(told)) expect(screen.getAllByText(words)).toHaveLength(1);
});

test("how much waits for an answer is a number on the button, and is said in words by its name", () => {
  const waits: Amendment = {
    ...{ id: "1", person: "a", paper: "p", passage: 1, page: 1, place: "", before: "Một.", after: "Hai.", to: "desk" },
    ...{ at: 1, reason: "", state: "open", reply: "", decided_by: "", decided_at: 0, decided_on: 0 },
    ...{ version: "version-p", origin: "", lost: "", lost_in: "" },
  };
  const book = { opinions: {}, amendments: { 1: waits } };
  const opinions = { book, comments: [STUCK], follow: () => undefined, watchComments: () => () => undefined };
  const standing = { meeting: meeting({ papers: { p: paper("p", "i1") } }), roles: new Set(["secretary"]) };
  render(DeskOpinionsButton, { room: { opinions, standing } as unknown as RoomState });
  // The foot of the desk has no room for the sentence: it would take a second row on a tablet.
  const button = screen.getByRole("button", { name: "Góp ý · 2 chưa trả lời" });
  expect(button.textContent?.replace(/\s+/g, " ").trim()).toBe("Góp ý 2");
});

/** The desk over a book that others write into, too. */
function desk() {
  const opinion: Opinion = {
    ...{ id: "o-1", person: "a", paper: "p", page: 1, place: "", text: "Cần làm rõ nguồn vốn.", to: "desk", at: 1 },
    ...{ answer: "", reply: "", answered_by: "", answered_at: 0 },
  };
  const amendment: Amendment = {
    ...{ id: "1", person: "a", paper: "p", passage: 1, page: 1, place: "", before: "Một.", after: "Hai.", to: "desk" },
    ...{ at: 1, reason: "", state: "open", reply: "", decided_by: "", decided_at: 0, decided_on: 0 },
    ...{ version: "version-p", origin: "", lost: "", lost_in: "" },
  };
  const live = new OpinionsState({
    live: { now: () => 5, follow: (_: string, given: StreamHandlers) => ((told = given), () => undefined) } as never,
    outbox: () => Promise.resolve(null),
    sent: () => undefined,
    refused: () => undefined,
    meeting: "m",
    me: "b",
  });
  let told: StreamHandlers | null = null;
  live.look = () => Promise.resolve();
  live.follow();
  const book = (change: Partial<Opinion>, state: Amendment["state"] = "open"): void =>
    flushSync(() =>
      told!.onSnapshot(
        { opinions: { "o-1": { ...opinion, ...change } }, amendments: { 1: { ...amendment, state } } },
        1,
      ),
    );
  book({});
  const standing = { meeting: meeting({ papers: { p: paper("p", "i1") } }), roles: new Set(["secretary"]) };
  render(DeskOpinions, {
    room: { opinions: live, standing } as unknown as RoomState,
    open: true,
    onclose: () => undefined,
  });
  return { book };
}
const REPLY = "Nội dung tiếp thu, giải trình";
const typed = (label: string): string => screen.getByLabelText<HTMLTextAreaElement>(label).value;

test("a reply that has begun stays when somebody else answers, and after a look at the other tab", async () => {
  const { book } = desk();
  await fireEvent.click(screen.getByRole("switch", { name: "Chỉ những mục chưa trả lời" }));
  await fireEvent.click(screen.getByRole("button", { name: "Trả lời" }));
  await fireEvent.click(screen.getByLabelText("Giải trình"));
  await fireEvent.input(screen.getByLabelText(REPLY), { target: { value: "Đã gồm vốn Trung ương." } });
  book({ answer: "accepted", reply: "Tiếp thu.", answered_by: "c", answered_at: 4 });
  expect(typed(REPLY)).toBe("Đã gồm vốn Trung ương.");
  await fireEvent.click(screen.getByRole("tab", { name: /Đề nghị sửa/ }));
  await fireEvent.click(screen.getByRole("tab", { name: /^Ý kiến/ }));
  expect(typed(REPLY)).toBe("Đã gồm vốn Trung ương.");
  expect(screen.getByLabelText<HTMLInputElement>("Giải trình").checked).toBe(true);
  await fireEvent.click(screen.getByRole("button", { name: "Thôi" }));
  expect(screen.queryByText("Cần làm rõ nguồn vốn."), "answered, and nothing begun").toBeNull();
});

test("words for a decision stay when somebody else decides meanwhile", async () => {
  const { book } = desk();
  const label = "Lý do, giải trình (không bắt buộc)";
  await fireEvent.click(screen.getByRole("tab", { name: /Đề nghị sửa/ }));
  await fireEvent.click(screen.getByRole("switch", { name: "Chỉ những mục chưa trả lời" }));
  await fireEvent.input(screen.getByLabelText(label), { target: { value: "Cần hỏi Sở Tư pháp." } });
  book({}, "accepted");
  expect(screen.getByRole("button", { name: "Xem xét lại" })).toBeTruthy();
  book({}, "open");
  expect(typed(label)).toBe("Cần hỏi Sở Tư pháp.");
});
