import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { session } from "../state/session.svelte";
import TabletSeat from "./TabletSeat.svelte";

const sitter = { id: "b", name: "Bùi Văn Bình", title: "Giám đốc", unit: "Sở Y tế", instead: "" };
const offer = { meeting: "m1", title: "Phiên họp", starts_at: 0, here: sitter, people: [sitter] };

afterEach(() => {
  vi.unstubAllGlobals();
  session.me = undefined;
});

test("whoever still types is asked who they are a minute after the last touch, not after the first", async () => {
  vi.useFakeTimers();
  session.me = null;
  vi.stubGlobal("fetch", (path: string) =>
    Promise.resolve(
      path === "/api/tablet"
        ? new Response(JSON.stringify({ room: "Phòng họp", seat: "3", meetings: [offer] }))
        : new Response(JSON.stringify({ code: "session.none" }), { status: 401 }),
    ),
  );
  render(TabletSeat);
  await vi.advanceTimersByTimeAsync(50);
  await fireEvent.click(screen.getByRole("button", { name: /Tôi là Bùi/ }));
  await vi.advanceTimersByTimeAsync(40_000);
  await fireEvent.pointerDown(screen.getByRole("button", { name: "4" }));
  await fireEvent.click(screen.getByRole("button", { name: "4" }));
  await vi.advanceTimersByTimeAsync(40_000);
  expect(screen.getByRole("button", { name: "4" })).toBeTruthy();
  await vi.advanceTimersByTimeAsync(25_000);
  expect(screen.queryByRole("button", { name: "4" })).toBeNull();
});
