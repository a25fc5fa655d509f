import type { Conference } from "../state/conference.svelte";
import type { MeetingState } from "../state/meeting.svelte";
import type * as parts from "./roommediaparts";

/** The conference of this device, and the parts of the room that show it. */
export interface RoomMedia extends Omit<typeof parts, "Conference"> {
  readonly conference: Conference;
}

/** Load picture and sound, and join: one picture, or four where this device takes part by itself. */
export async function roomMedia(standing: MeetingState): Promise<RoomMedia> {
  const { Conference, RoomConference, RoomShare, RoomShared, RoomStage } = await import("./roommediaparts");
  const conference = new Conference(standing, { slots: 1, slotsAlone: 4 });
  return { conference, RoomConference, RoomShare, RoomShared, RoomStage };
}
