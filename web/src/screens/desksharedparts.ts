/** The shared screen at a desk: loaded when somebody shares one. */
export { DeskScreen } from "../state/deskscreen.svelte";
export { default as RoomShared } from "./RoomShared.svelte";
