import { render, screen } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { expect, test, vi } from "vitest";
import { BLANK } from "../core/meeting";
import { site } from "../linesexample";
import type { Meeting, Member } from "../wire/types";
import SiteVoice from "./SiteVoice.svelte";

const member = (id: string, state: Member["attendance"]["state"]): Member =>
  ({
    id,
    name: `Đại biểu ${id}`,
    title: "",
    roles: ["delegate"],
    site: "b",
    substituted_by: "",
    attendance: { state },
  }) as unknown as Member;
const MEETING: Meeting = {
  ...BLANK,
  id: "m",
  phase: "open",
  sites: { b: site("b", 2) },
  members: { one: member("one", "expected"), two: member("two", "site") },
};
const shown = (meeting: Meeting, act: () => Promise<boolean>, records: boolean) =>
  render(SiteVoice, { meeting, site: meeting.sites["b"]!, records, act, onclose: () => undefined });

test("the secretary records the number and who has answered; whoever is there already is not asked for", () => {
  const act = vi.fn(async () => true);
  shown(MEETING, act, true);
  flushSync();
  expect(screen.queryByText(/Đại biểu two/)).toBeNull();
  screen.getByRole("checkbox", { name: /Đại biểu one/, hidden: true }).click();
  flushSync();
  screen.getByRole("button", { name: "Ghi nhận dự qua điện thoại", hidden: true }).click();
  const command = { type: "site.telephone", site: "b", number: "0230 000 4110", present: ["one"] };
  expect(act).toHaveBeenCalledWith(command);
});

test("a technician ends the call when the line is back, and says nothing of attendance", () => {
  const act = vi.fn(async () => true);
  const voices = { b: [{ number: "0912 000 117", began_at: 1, ended_at: 0 }] };
  shown({ ...MEETING, voices }, act, false);
  flushSync();
  expect(screen.queryByRole("checkbox", { hidden: true })).toBeNull();
  screen.getByRole("button", { name: "Thôi dự qua điện thoại", hidden: true }).click();
  expect(act).toHaveBeenCalledWith({ type: "site.telephone", site: "b", number: "" });
});
