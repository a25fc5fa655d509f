/** Coming into a meeting from its address: whoever is not signed in goes to the door first, and comes back. */
import { place } from "../place.svelte";
import { RoomState } from "./room.svelte";
import { session } from "./session.svelte";

/** Where somebody who is not signed in is sent, with the way back. */
export function toTheDoor(): void {
  place.go(`/dang-nhap?den=${encodeURIComponent(location.pathname)}`, { replace: true });
}

/** The room of this meeting, opened for whoever is signed in; the returned function closes it. */
export function enterRoom(meeting: string, opened: (room: RoomState) => void): () => void {
  let room: RoomState | null = null;
  let left = false;
  void (async () => {
    const me = session.me ?? (await session.load().catch(() => null));
    if (left) return;
    if (!me) return toTheDoor();
    room = new RoomState(meeting, me.person);
    opened(room);
  })();
  return () => {
    left = true;
    room?.close();
  };
}
