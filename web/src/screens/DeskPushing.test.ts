import { fireEvent, render, screen } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import { item, meeting } from "../deskexample";
import type { MeetingState } from "../state/meeting.svelte";
import { Door } from "../testdoor";
import DeskPushing from "./DeskPushing.svelte";

afterEach(() => vi.unstubAllGlobals());

test("a file that could not be sent is still there, with its title, when the dialog is opened again", async () => {
  Door.opened.length = 0;
  vi.stubGlobal("XMLHttpRequest", Door);
  const running = meeting({ phase: "open", items: [item("i1", { state: "current" })] });
  const standing = { id: "m1", meeting: running, statuses: {}, command: vi.fn() } as unknown as MeetingState;
  const props = { standing, onopen: () => undefined, onclose: () => undefined };
  const { rerender } = render(DeskPushing, { ...props, open: true });
  const file = new File(["%PDF"], "Tờ_trình.docx");
  const dropped = new Event("drop") as Event & { dataTransfer: unknown };
  dropped.dataTransfer = { types: ["Files"], files: [file] };
  await fireEvent(window, dropped);
  await fireEvent.input(screen.getByLabelText("Tên tài liệu"), { target: { value: "Tờ trình sửa đổi" } });
  await fireEvent.click(screen.getByRole("button", { name: "Gửi, phát hành và trình chiếu" }));
  Door.opened[0]!.onerror();
  const [close] = (await screen.findAllByRole("button", { name: "Đóng" })).slice(-1);
  await fireEvent.click(close!);
  await rerender({ ...props, open: false });
  await rerender({ ...props, open: true });
  await fireEvent.click(screen.getByRole("button", { name: "Thử lại" }));
  flushSync();
  expect(Door.opened).toHaveLength(2);
});
