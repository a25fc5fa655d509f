import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { meeting, paper } from "../deskexample";
import type { Stuck } from "../core/opinions";
import type { RoomState } from "../state/room.svelte";
import type { OpinionCommand } from "../wire/types";
import DeskOpinions from "./DeskOpinions.svelte";

const STUCK: Stuck = {
  ...{ id: "c-1", person: "a", paper: "p", page: 3, text: "Mức này đã gồm vốn Trung ương chưa?", to: "desk", at: 1 },
};

test("sticky comments stand among the opinions and are answered there", async () => {
  const sent: OpinionCommand[] = [];
  const opinions = {
    book: { opinions: {}, amendments: {} },
    comments: () => Promise.resolve([STUCK]),
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
