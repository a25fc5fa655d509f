import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { BLANK } from "../core/meeting";
import CalendarCreate from "./CalendarCreate.svelte";

beforeAll(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
});
afterEach(() => vi.unstubAllGlobals());

test("a meeting may be an internal one from its first moment", async () => {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (_: string, init?: RequestInit) => {
    if (init?.method !== "POST") return Response.json({ kinds: [{ ...BLANK.rules, kind: "hop", name: "Họp" }] });
    sent.push((JSON.parse(String(init.body)) as { command: unknown }).command);
    return Response.json({ code: "meeting.kind_unknown" }, { status: 409 });
  });
  render(CalendarCreate, { open: true, host: "ubnd", onclose: () => undefined });
  await screen.findByRole("option", { name: "Họp" });
  await fireEvent.input(screen.getByLabelText("Tên cuộc họp"), { target: { value: "Hội ý" } });
  await fireEvent.click(screen.getByRole("switch", { name: "Họp nội bộ" }));
  await fireEvent.click(screen.getByRole("button", { name: /Tạo/ }));
  await expect.poll(() => sent).toMatchObject([{ type: "meeting.create", title: "Hội ý", internal: true }]);
});
