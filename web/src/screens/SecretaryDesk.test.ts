import { fireEvent, render, screen } from "@testing-library/svelte";
import { createRawSnippet, mount, type Snippet, unmount } from "svelte";
import { beforeAll, expect, test } from "vitest";
import { ballot, meeting, withBallots } from "../deskexample";
import type { MeetingState } from "../state/meeting.svelte";
import Panes from "../ui/Panes.svelte";
import SecretaryDeskRight from "./SecretaryDeskRight.svelte";

// jsdom knows the element and not its methods.
beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

function right(): Snippet {
  const hands = ballot("v", { state: "open", method: "hands", electorate: { a: "a", b: "b" }, of_all: 2 });
  const now = meeting(withBallots(hands));
  const standing = {
    meeting: now,
    roles: new Set(["secretary"]),
    statuses: {},
    now: () => 0,
    act: () => Promise.resolve(true),
  };
  const props = { standing: standing as unknown as MeetingState, offset: 0 };
  return createRawSnippet(() => ({
    render: () => "<div></div>",
    setup: (target) => {
      const shown = mount(SecretaryDeskRight, { target, props });
      return () => void unmount(shown);
    },
  }));
}

test("figures typed in a dialog of the desk outlive the turning of the tablet", async () => {
  const minutes = createRawSnippet(() => ({ render: () => "<p>Biên bản</p>" }));
  const panes = [
    { key: "minutes", label: "Biên bản", role: "main", body: minutes },
    { key: "people", label: "Điểm danh, biểu quyết", role: "complementary", body: right() },
  ] as const;
  const desk = { label: "Bàn thư ký", panes, first: "minutes" as const };
  const { rerender } = render(Panes, { ...desk, narrow: false });
  await fireEvent.click(screen.getByRole("tab", { name: /Biểu quyết/ }));
  await fireEvent.click(screen.getByRole("button", { name: /Nhập/ }));
  await fireEvent.focusIn(screen.getByLabelText("Tán thành"));
  await fireEvent.input(screen.getByLabelText("Tán thành"), { target: { value: "2" } });

  await rerender({ ...desk, narrow: true });
  const field = screen.getByLabelText<HTMLInputElement>("Tán thành");
  expect(field.value).toBe("2");
  expect(screen.getByRole("dialog").contains(field)).toBe(true);
  expect(screen.getByRole("tab", { name: "Điểm danh, biểu quyết" }).getAttribute("aria-selected")).toBe("true");
  expect(screen.getByRole("tabpanel", { name: "Điểm danh, biểu quyết" }).contains(field)).toBe(true);

  await rerender({ ...desk, narrow: false });
  expect(screen.getByLabelText<HTMLInputElement>("Tán thành").value).toBe("2");
});

test("a vote that was planned is dropped at the desk, one that is open is not", async () => {
  const told: unknown[] = [];
  const act = (command: unknown): Promise<boolean> => Promise.resolve(told.push(command) > 0);
  const standing = {
    meeting: meeting(withBallots(ballot("v", { state: "planned" }))),
    roles: new Set(["secretary"]),
    statuses: {},
    now: () => 0,
    act,
  };
  const { rerender } = render(SecretaryDeskRight, { standing: standing as unknown as MeetingState, offset: 0 });
  await fireEvent.click(screen.getByRole("tab", { name: /Biểu quyết/ }));
  await fireEvent.click(screen.getByRole("button", { name: "Bỏ nội dung biểu quyết này" }));
  expect(told).toEqual([{ type: "ballot.drop", ballot: "v" }]);
  const open = { ...standing, meeting: meeting(withBallots(ballot("v", { state: "open" }))) };
  await rerender({ standing: open as unknown as MeetingState });
  expect(screen.queryByRole("button", { name: "Bỏ nội dung biểu quyết này" })).toBeNull();
});

test("in a narrow room one part is shown, the others wait as they are", async () => {
  const words = (text: string): Snippet => createRawSnippet(() => ({ render: () => `<p>${text}</p>` }));
  const panes = [
    { key: "agenda", label: "Chương trình", role: "complementary", body: words("Mười nội dung") },
    { key: "minutes", label: "Biên bản", role: "main", body: words("Kính gửi") },
  ] as const;
  render(Panes, { label: "Bàn thư ký", panes, first: "minutes", narrow: true });
  const shown = (): (string | null)[] => screen.getAllByRole("tabpanel").map((one) => one.textContent.trim());
  expect(shown()).toEqual(["Kính gửi"]);
  const agenda = screen.getByRole("tab", { name: "Chương trình" });
  await fireEvent.click(agenda);
  expect(shown()).toEqual(["Mười nội dung"]);
  expect(document.getElementById(agenda.getAttribute("aria-controls") ?? "")?.textContent).toContain("Mười nội dung");
});
