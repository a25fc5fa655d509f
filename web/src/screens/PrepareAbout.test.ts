import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import type { Description } from "../core/prepare";
import { meeting } from "../deskexample";
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
