import { render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { createRawSnippet } from "svelte";
import { beforeEach, expect, test, vi } from "vitest";
import { meeting, site } from "../deskexample";
import type { ConferenceRoom } from "../state/conferenceroom.svelte";
import SitePictures from "./SitePictures.svelte";

beforeEach(() => {
  // jsdom plays nothing.
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
});

const NINE = Array.from({ length: 9 }, (_, at) => `xa-${at + 1}`);

test("nine pictures at once stand in even columns, each with the name of its site", async () => {
  const sites = Object.fromEntries(NINE.map((id) => [id, site(id, { name: `Ủy ban nhân dân ${id}`, short: id })]));
  const seats = { video: NINE, audio: [], screen: null, off: [], dark: [] };
  const streams = NINE.map(() => ({}) as MediaStream);
  const line = { receives: true, receiving: "live", audioOnly: false, sends: true, devices: null, tracks: 1 };
  const conference = { ...line, seats, receiver: { stage: streams[0], video: streams } };
  const room = { conference, standing: { statuses: {} }, offset: 0 } as unknown as ConferenceRoom;
  const { container } = render(SitePictures, {
    ...{ room, meeting: meeting({ sites, layout: "grid" }), layout: "grid", waiting: false, sounding: false },
    onblocked: () => undefined,
    own: createRawSnippet(() => ({ render: () => "<p>Hình gửi đi</p>" })),
  });
  const named = screen.getAllByRole("figure").map((one) => one.getAttribute("aria-label"));
  expect(named).toEqual(["Hình đang phát biểu", ...NINE.slice(1).map((id) => sites[id]!.name)]);
  // Nine and the own picture: four columns of three rows.
  expect(container.querySelector<HTMLElement>(".pictures")?.style.getPropertyValue("--columns")).toBe("4");
  expect((await axe.run(container)).violations).toEqual([]);
});
