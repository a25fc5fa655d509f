import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { meeting, paper } from "../deskexample";
import type { Stuck } from "../core/opinions";
import type { RoomState } from "../state/room.svelte";
import type { Amendment, OpinionCommand } from "../wire/types";
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
