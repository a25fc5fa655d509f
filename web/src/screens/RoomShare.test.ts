import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { ScreenShown } from "../screenexample";
import { ScreenSharing } from "../state/conferencescreen.svelte";
import type { World } from "../wire/media";
import RoomShare from "./RoomShare.svelte";

afterEach(() => vi.unstubAllGlobals());

/** No line ever comes about: what is shown here does not depend on it. */
const world = {
  peer: () => {
    throw new Error("no line");
  },
  wait: () => new Promise(() => undefined),
} as unknown as World;

test("a screen goes on being shared while the room shows something else, and ends by its own button", async () => {
  const track = { stop: vi.fn(), addEventListener: vi.fn(), kind: "video" };
  const stream = { getTracks: () => [track], getVideoTracks: () => [track] };
  const mediaDevices = { getDisplayMedia: async () => stream };
  vi.stubGlobal("navigator", Object.assign(Object.create(navigator), { mediaDevices }));
  const { standing, asked } = new ScreenShown("c");
  const sharing = new ScreenSharing(standing, world);
  void sharing.start();
  await waitFor(() => expect(sharing.active).toBe(true));
  // A vote takes the rail, or the window becomes narrow: the button goes, the screen stays.
  const { unmount } = render(RoomShare, { standing, sharing });
  expect(screen.getByRole("status").textContent).toBe("Mọi người đang xem màn hình này");
  unmount();
  expect([sharing.active, track.stop.mock.calls.length]).toEqual([true, 0]);
  render(RoomShare, { standing, sharing });
  await fireEvent.click(screen.getByRole("button", { name: "Dừng chia sẻ màn hình" }));
  expect(sharing.active).toBe(false);
  expect(track.stop).toHaveBeenCalled();
  await waitFor(() => expect(asked.at(-1)).toEqual({ type: "screen.share", sharing: false }));
  sharing.close();
});
