import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { meeting } from "../deskexample";
import type { Command } from "../wire/types";
import DeskAsking from "./DeskAsking.svelte";

test("the desk lets the first who asked present, or says not now", async () => {
  const sent: Command[] = [];
  const act = (command: Command): Promise<boolean> => Promise.resolve(sent.push(command) > 0);
  const { rerender } = render(DeskAsking, { meeting: meeting({ asking: ["c", "b"] }), act });
  expect(screen.getByRole("status").textContent).toContain("Người c");
  expect(screen.getByRole("status").textContent).toContain("1 người nữa");
  await fireEvent.click(screen.getByRole("button", { name: "Cho trình chiếu" }));
  await fireEvent.click(screen.getByRole("button", { name: "Chưa" }));
  expect(sent).toEqual([
    { type: "presenting.hand_over", to: "c" },
    { type: "presenting.withdraw", person: "c" },
  ]);
  await rerender({ meeting: meeting({ asking: [] }), act });
  expect(screen.queryByRole("status")).toBeNull();
});
