import { render, screen } from "@testing-library/svelte";
import { beforeAll, expect, test } from "vitest";
import { item, meeting, paper } from "../deskexample";
import type { RoomState } from "../state/room.svelte";
import type { Paper } from "../wire/types";
import RoomMore from "./RoomMore.svelte";

beforeAll(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
});

function opened(change: Partial<Paper>, internal = false): void {
  const read = paper("p", "i1", change);
  const standing = {
    id: "m",
    me: "b",
    meeting: meeting({ items: [item("i1")], papers: { p: read }, internal }),
    roles: new Set(["delegate"]),
    member: null,
  };
  const room = { standing, reading: { place: { paper: read, page: 1 } }, search: () => undefined };
  render(RoomMore, { room: room as unknown as RoomState, open: true, onclose: () => undefined });
}

test("a paper may be taken along with its marks", () => {
  opened({});
  const button = screen.getByRole("button", { name: "Tải tài liệu có nét bút" });
  expect(button.getAttribute("aria-disabled")).not.toBe("true");
});

test.each([{ screen_only: true }, { readers: "named", named: ["b"] } as const])(
  "of a paper that is kept back nothing is offered, and it is said why (%o)",
  (change) => {
    opened(change);
    expect(screen.queryByRole("button", { name: "Tải tài liệu có nét bút" })).toBeNull();
    expect(screen.getByText(/Tài liệu này không được tải về/)).toBeTruthy();
  },
);

test("of a paper of an internal meeting nothing is offered either", () => {
  opened({}, true);
  expect(screen.getByText(/Tài liệu này không được tải về/)).toBeTruthy();
});
