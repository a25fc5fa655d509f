import { render, screen } from "@testing-library/svelte";
import { beforeAll, expect, test } from "vitest";
import { meeting, site } from "../deskexample";
import type { Conference } from "../state/conference.svelte";
import RoomConference from "./RoomConference.svelte";

beforeAll(() => {
  HTMLMediaElement.prototype.play = async () => undefined;
});

/** What can be heard of a tablet that sends, or does not. */
function shown(sends: boolean): { audios: number; sounding: number; videos: number } {
  const [stage, voice] = [{}, {}] as MediaStream[];
  const conference = {
    ...{ sends, tracks: 1, receiving: "live", devices: null, cameraOff: false, replaced: false },
    microphone: { state: "off", why: "waiting", seconds: 0 },
    seats: { video: ["a"], audio: [], screen: null, off: [], dark: [] },
    receiver: { stage, video: [stage], voices: [voice] },
    standing: { line: { step: "good", since: null }, statuses: {} },
  } as unknown as Conference;
  const { container } = render(RoomConference, { meeting: meeting({ sites: { a: site("a") } }), conference });
  const videos = [...container.querySelectorAll("video")];
  const sounding = videos.filter((one) => !one.muted).length;
  return { audios: container.querySelectorAll("audio").length, sounding, videos: videos.length };
}

test("a tablet beside a room's camera shows who speaks and never makes a sound", () => {
  expect(shown(false)).toEqual({ audios: 0, sounding: 0, videos: 1 });
  expect(screen.queryByText(/Micrô/)).toBeNull();
});

test("who takes part from their own desk hears the stage and the other voices", () => {
  expect(shown(true)).toEqual({ audios: 1, sounding: 1, videos: 2 });
});
