import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import type { Description } from "../core/prepare";
import { meeting } from "../deskexample";
import type { Command } from "../wire/types";
import PrepareAbout from "./PrepareAbout.svelte";

test("what was typed and not saved is there again after looking at another part; the untouched follows others", async () => {
  let kept: Description | null = null;
  const props = { act: () => Promise.resolve(true), onkeep: (typed: Description | null) => void (kept = typed) };
  const title = (): HTMLInputElement => screen.getByLabelText("Tên cuộc họp");
  const first = render(PrepareAbout, { ...props, meeting: meeting(), kept });
  await first.rerender({ ...props, meeting: meeting({ title: "Tên người khác sửa" }), kept });
  first.unmount();
  expect(kept).toBeNull();

  const second = render(PrepareAbout, { ...props, meeting: meeting(), kept });
  await fireEvent.input(title(), { target: { value: "Phiên họp chuyên đề tháng 11" } });
  second.unmount();
  render(PrepareAbout, { ...props, meeting: meeting({ place: "Phòng số 2" }), kept });
  expect(title().value).toBe("Phiên họp chuyên đề tháng 11");
});

test("a draft is made an internal meeting by a switch; published, it stays one and says so", async () => {
  const sent: Command[] = [];
  const act = (command: Command): Promise<boolean> => Promise.resolve(sent.push(command) > 0);
  const props = { act, onkeep: () => undefined, kept: null };
  const internal = (): HTMLElement => screen.getByRole("switch", { name: "Họp nội bộ" });
  const { rerender } = render(PrepareAbout, { ...props, meeting: meeting({ phase: "draft" }) });
  expect(screen.getByText(/Không ghi âm, ghi hình; mọi tài liệu chỉ xem trên màn hình/)).toBeTruthy();
  await fireEvent.click(internal());
  await fireEvent.click(screen.getByRole("button", { name: "Lưu" }));
  expect(sent).toMatchObject([{ type: "meeting.describe", internal: true }]);
  await rerender({ ...props, meeting: meeting({ phase: "published", internal: true }) });
  await fireEvent.click(internal());
  expect(internal().getAttribute("aria-checked")).toBe("true");
  expect(screen.getByText(/đã phát hành là họp nội bộ/)).toBeTruthy();
});

test("what somebody else made internal meanwhile is not let go by saving older words", async () => {
  const sent: Command[] = [];
  const act = (command: Command): Promise<boolean> => Promise.resolve(sent.push(command) > 0);
  const props = { act, onkeep: () => undefined, kept: null };
  const { rerender } = render(PrepareAbout, { ...props, meeting: meeting({ phase: "published" }) });
  await fireEvent.input(screen.getByLabelText("Tên cuộc họp"), { target: { value: "Hội ý" } });
  await rerender({ ...props, meeting: meeting({ phase: "published", internal: true }) });
  await fireEvent.click(screen.getByRole("button", { name: "Lưu" }));
  expect(sent).toMatchObject([{ title: "Hội ý", internal: true }]);
});

test("while the meeting is recorded it cannot become an internal one, and it is said why", async () => {
  const standing = meeting({ phase: "open", recording: "on" });
  render(PrepareAbout, { act: () => Promise.resolve(true), onkeep: () => undefined, kept: null, meeting: standing });
  await fireEvent.click(screen.getByRole("switch", { name: "Họp nội bộ" }));
  expect(screen.getByRole("switch").getAttribute("aria-checked")).toBe("false");
  expect(screen.getByText(/Dừng ghi trước/)).toBeTruthy();
});
