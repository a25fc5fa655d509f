import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import type { MinutesPiece } from "../core/minutes";
import MinutesNews from "./MinutesNews.svelte";

const piece = (id: string, event: number): MinutesPiece => ({
  what: "new",
  id,
  block: { kind: "ballot", event, runs: [{ text: id }] },
});

test("the bar and its button count events, however many paragraphs each gives", async () => {
  const news = [piece("ballot:30:0", 30), piece("ballot:30:1", 30), piece("ballot:31:0", 31)];
  const oninsert = vi.fn();
  render(MinutesNews, { news, open: true, onopen: vi.fn(), oninsert, ondismiss: vi.fn() });
  expect(screen.getByRole("status").textContent).toContain("2 diễn biến mới");
  await fireEvent.click(screen.getAllByRole("checkbox")[2]!);
  await fireEvent.click(screen.getByRole("button", { name: "Chèn 1 diễn biến đã chọn" }));
  expect(oninsert).toHaveBeenCalledWith(["ballot:30:0", "ballot:30:1"]);
});
