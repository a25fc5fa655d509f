import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { siteLines } from "../core/lines";
import { BLANK } from "../core/meeting";
import { row, site } from "../linesexample";
import type { Meeting } from "../wire/types";
import TechnicianDevices from "./TechnicianDevices.svelte";
import TechnicianSite from "./TechnicianSite.svelte";

beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
});
afterEach(() => vi.unstubAllGlobals());

const [LINE] = siteLines({ ...BLANK, id: "m", phase: "open", sites: { a: site("a", 1) } }, [row("a", {})]);
const GIVEN = {
  id: "1",
  kind: "sender",
  site: "a",
  secret: "s3cr3t",
  address: "https://hop.vn/api/media/m/up",
  expires: 0,
};

/** A house that gives what is asked of it and remembers by which requests. */
function house(readiness = "ready"): string[] {
  const asked: string[] = [];
  let devices: unknown[] = [];
  vi.stubGlobal("fetch", async (path: string, { method, body }: RequestInit) => {
    asked.push(`${method} ${path} ${(body as string | undefined) ?? ""}`.trim());
    if (path.endsWith("/calls")) return Response.json({ standing: { readiness, address: "10.1.1.1:5060" }, calls: [] });
    if (method === "POST" && path.endsWith("/devices")) {
      devices = [GIVEN];
      return Response.json(GIVEN, { status: 201 });
    }
    if (method === "DELETE") devices = [];
    return Response.json({ devices });
  });
  return asked;
}

/** What axe finds wrong with the dialog. */
const wrong = async (): Promise<unknown> =>
  (await axe.run(document.querySelector("dialog[open]") as HTMLElement)).violations;

const show = (codec = "", call: unknown = null): void => {
  render(TechnicianDevices, { line: LINE ?? null, meeting: "m", codec, call, onclose: () => undefined });
};

test("an encoder gets an address and a token, shown once and taken back again", async () => {
  const asked = house();
  show();
  expect(await screen.findByText("Chưa cấp mã nào.")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Cấp địa chỉ gửi (WHIP)" }));
  expect(await screen.findByText("https://hop.vn/api/media/m/up")).toBeTruthy();
  expect(screen.getByText("s3cr3t")).toBeTruthy();
  expect(asked).toContain('POST /api/meetings/m/devices {"kind":"sender","site":"a"}');
  expect(await wrong()).toEqual([]);
  await fireEvent.click(await screen.findByRole("button", { name: "Thu hồi" }));
  await waitFor(() => expect(screen.queryByText("s3cr3t")).toBeNull());
  expect(asked).toContain("DELETE /api/meetings/m/devices/1");
});

test("a codec is called at the registry's address, and what the house says of its call is shown", async () => {
  const asked = house();
  show("10.1.2.3");
  await fireEvent.click(await screen.findByRole("button", { name: "Gọi bộ codec tại 10.1.2.3" }));
  expect(asked).toContain("POST /api/meetings/m/calls/a");
});

test("a call that stands is hung up; one that came in only by taking its number back", async () => {
  house();
  const call = {
    site: "a",
    stage: "connected",
    incoming: false,
    address: "sip:10.1.2.3",
    audio: "PCMA",
    video: "H264",
  };
  show("10.1.2.3", { ...call, why: "" });
  expect(await screen.findByText("Đã nối với sip:10.1.2.3 (PCMA + H264)")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Ngắt cuộc gọi" })).toBeTruthy();
  expect(await wrong()).toEqual([]);
});

test("where Janus is missing it says so in a sentence, and nobody can be called", async () => {
  house("no_janus");
  show("10.1.2.3");
  expect(await screen.findByText(/máy chủ chưa cài chương trình Janus/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Gọi bộ codec/ })).toBeNull();
});

test("why a call ended is a sentence, and the codec may be called again", async () => {
  house();
  const call = { site: "a", stage: "ended", incoming: false, address: "sip:10.1.2.3", audio: "", video: "" };
  for (const why of [
    "hung_up",
    "busy",
    "no_answer",
    "refused",
    "unreachable",
    "nothing_in_common",
    "no_media",
    "broken",
  ]) {
    const { unmount } = render(TechnicianDevices, {
      line: LINE ?? null,
      meeting: "m",
      codec: "10.1.2.3",
      call: { ...call, why },
      onclose: () => undefined,
    });
    await screen.findByRole("button", { name: "Gọi bộ codec tại 10.1.2.3" });
    const said = document.querySelector("dialog[open]")?.textContent ?? "";
    expect(said).not.toContain("devices.");
    unmount();
  }
});

test("a refusal is said aloud, and what was given before stays", async () => {
  house();
  show();
  await fireEvent.click(await screen.findByRole("button", { name: "Cấp địa chỉ gửi (WHIP)" }));
  await screen.findByText("s3cr3t");
  vi.stubGlobal("fetch", async () => Response.json({ ok: false, code: "phase.closed", details: {} }, { status: 409 }));
  await fireEvent.click(await screen.findByRole("button", { name: "Thu hồi" }));
  expect((await screen.findByRole("alert")).textContent).not.toBe("");
  expect(screen.getByText("s3cr3t")).toBeTruthy();
  expect(await wrong()).toEqual([]);
});

test("a token is shown once: it stays while it is being read out and the meeting goes on", async () => {
  const asked = house();
  const now = (): object => {
    const meeting: Meeting = { ...BLANK, id: "m", phase: "open", sites: { a: site("a", 1) } };
    const board = { standing: { statuses: {}, now: () => 0 }, registry: { a: { codec: "10.1.1.2", equipment: [] } } };
    const line = siteLines(meeting, [row("a", {})])[0];
    const more = { trend: {}, tests: {}, checklist: {}, ondone: async () => undefined, onclose: () => undefined };
    return { meeting, line, now: 0, board: { ...board, ...more }, ...more };
  };
  const { rerender } = render(TechnicianSite, now() as never);
  await fireEvent.click(screen.getByRole("button", { name: "Gửi bằng thiết bị khác" }));
  await fireEvent.click(await screen.findByRole("button", { name: "Cấp địa chỉ gửi (WHIP)" }));
  expect(await screen.findByText("s3cr3t")).toBeTruthy();
  const before = asked.length;
  await rerender(now() as never);
  expect(screen.getByText("s3cr3t")).toBeTruthy();
  expect(asked).toHaveLength(before);
});
