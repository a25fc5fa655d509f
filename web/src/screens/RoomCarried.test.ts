import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, expect, test, vi } from "vitest";
import type { Comment, Mark, Origin, Stroke } from "../core/marks";
import { InkBook } from "../state/ink.svelte";
import { Replaced } from "../state/replaced.svelte";
import RoomCarried from "./RoomCarried.svelte";

beforeEach(() => localStorage.clear());

const comment = (id: string, page: number, origin?: Origin, by = "thao"): Comment => ({
  ...{ kind: "comment", id, page, spot: [100, 100], text: `lời ${id}`, layer: "mine", by, at: 1 },
  ...(origin && { origin }),
});
const line: Stroke = {
  ...{ id: "line", page: 5, tool: "marker", colour: "#ffe45c", width: 180, points: [[1, 1, 500]], layer: "all" },
  ...{ by: "thao", at: 2, origin: { version: "v1", page: 4, how: "vanished" } },
};
const MARKS: readonly Mark[] = [
  comment("new", 1),
  comment("still", 2, { version: "v1", page: 2, how: "same" }),
  comment("moved", 3, { version: "v1", page: 1, how: "moved" }),
  comment("within", 2, { version: "v1", page: 2, how: "moved" }),
  comment("of another", 2, { version: "v1", page: 1, how: "moved" }, "lan"),
  line,
];

function carried(...late: Mark[]): (page: number) => void {
  const book = new InkBook({ by: "thao", fresh: () => "id", now: () => 0, send: () => {} });
  book.receive([...MARKS, ...late]);
  const onpage = vi.fn();
  render(RoomCarried, { book, version: "v2", onpage });
  return onpage;
}

test("what of mine moved, and what has lost its text, is told with its page, the lost first", async () => {
  const onpage = carried();
  expect(screen.getByText("Đã dời theo nội dung: 2. Nội dung không còn: 1.")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Xem" }));
  expect(screen.getAllByRole("listitem").map((row) => row.querySelectorAll("p")[1]?.textContent?.trim())).toEqual([
    "Nội dung ở trang 4 không còn; ghi chú để lại trang 5",
    "Dời theo nội dung trong trang 2",
    "Dời theo nội dung: trang 1 → trang 3",
  ]);
  await fireEvent.click(screen.getByRole("button", { name: "Đến trang 3" }));
  expect(onpage).toHaveBeenCalledWith(3);
});

test("once seen it is not told again, unless more comes late", async () => {
  carried();
  await fireEvent.click(screen.getByRole("button", { name: "Xem" }));
  await fireEvent.click(screen.getByRole("button", { name: "Đã xem" }));
  expect(screen.queryByText(/Đã dời theo nội dung/)).toBeNull();
  document.body.innerHTML = "";
  carried();
  expect(screen.queryByText(/Đã dời theo nội dung/)).toBeNull();
  document.body.innerHTML = "";
  carried(comment("late", 4, { version: "v1", page: 1, how: "moved" }));
  expect(screen.getByText("Đã dời theo nội dung: 3. Nội dung không còn: 1.")).toBeTruthy();
});

test("while the marks tell that the paper was replaced nothing else does; read there, it is read", () => {
  const replaced = new Replaced();
  replaced.list = ["a", "b"];
  replaced.tells("a", true);
  expect(replaced.next).toBe("b");
  replaced.tells("a", false);
  expect(replaced.list).toEqual(["b"]);
  replaced.tells("b", false);
  expect(replaced.next).toBe("b");
});
