/** Picture and sound in the room: loaded after the papers, and only where somebody takes part in the conference. */
export { Conference } from "../state/conference.svelte";
export { ScreenSharing } from "../state/conferencescreen.svelte";
export { default as RoomConference } from "./RoomConference.svelte";
export { default as RoomShare } from "./RoomShare.svelte";
export { default as RoomShared } from "./RoomShared.svelte";
export { default as RoomStage } from "./RoomStage.svelte";
