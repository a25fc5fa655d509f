import type { Conference } from "../state/conference.svelte";
import type { ScreenSharing } from "../state/conferencescreen.svelte";
import type { MeetingState } from "../state/meeting.svelte";
import type * as parts from "./roommediaparts";

/** The conference of this device, and the parts of the room that show it. */
export interface RoomMedia extends Omit<typeof parts, "Conference" | "ScreenSharing"> {
  readonly conference: Conference;
  /** Goes on whatever the room shows: a vote, or a tablet that is turned, ends nobody's sharing. */
  readonly sharing: ScreenSharing;
  close(): void;
}

/** Load picture and sound, and join: one picture, or four where this device takes part by itself. */
export async function roomMedia(standing: MeetingState): Promise<RoomMedia> {
  const { Conference, ScreenSharing, ...shown } = await import("./roommediaparts");
  const conference = new Conference(standing, { slots: 1, slotsAlone: 4 });
  const sharing = new ScreenSharing(standing);
  const close = (): void => {
    sharing.close();
    conference.close();
  };
  return { ...shown, conference, sharing, close };
}
