import { render, screen } from "@testing-library/svelte";
import { createRawSnippet, flushSync } from "svelte";
import { expect, test } from "vitest";
import { meeting } from "../deskexample";
import type { RoomState } from "../state/room.svelte";
import type { LineState } from "../wire/outage";
import DeskFrame from "./DeskFrame.svelte";

/** What the desks read of a meeting whose clock is learned with the first word of the server. */
class Standing {
  meeting = meeting();
  offset = $state(0);
  line = $state.raw<LineState>({ step: "fine", since: null, reason: "" });
  refusal = null;
  problem = null;
  meter = null;
  roles = new Set(["chair"]);
}

test("once the server's clock is known the desk counts by it", () => {
  const standing = new Standing();
  const room = { standing, arrive: () => Promise.resolve() } as unknown as RoomState;
  render(DeskFrame, {
    enters: (_: string, opened: (room: RoomState) => void) => {
      opened(room);
      return () => undefined;
    },
    id: "m1",
    title: "Bàn chủ tọa",
    narrow: false,
    mine: () => true,
    away: createRawSnippet(() => ({ render: () => "<p></p>" })),
    class: "desk",
    children: createRawSnippet<[{ offset: number }]>((desk) => ({
      render: () => `<p>${desk().offset}</p>`,
      setup: (element) => {
        $effect(() => void (element.textContent = `lệch ${desk().offset}`));
      },
    })),
  });
  flushSync();
  expect(screen.getByText("lệch 0")).toBeTruthy();
  standing.offset = 300_000;
  flushSync();
  expect(screen.getByText("lệch 300000")).toBeTruthy();
});
