/** Coming into a meeting from its address: whoever is not signed in goes to the door first, and comes back. */
import { place } from "../place.svelte";
import { RoomState } from "./room.svelte";
import { session } from "./session.svelte";
import { emptiesWith } from "./tablet.svelte";
import { tabletHere } from "./tabletmark";

/** Where somebody who is not signed in is sent, with the way back; a shared tablet asks who sits there. */
export function toTheDoor(): void {
  if (tabletHere()) return place.go("/cho-ngoi", { replace: true });
  place.go(`/dang-nhap?den=${encodeURIComponent(location.pathname)}`, { replace: true });
}

/** The room of this meeting, opened for whoever is signed in; the returned function closes it. */
export function enterRoom(meeting: string, opened: (room: RoomState) => void): () => void {
  let room: RoomState | null = null;
  let watch = (): void => undefined;
  let left = false;
  void (async () => {
    const me = session.me ?? (await session.load().catch(() => null));
    if (left) return;
    if (!me) return toTheDoor();
    room = new RoomState(meeting, me.person);
    watch = emptiesWith(room.standing);
    opened(room);
  })();
  return () => {
    left = true;
    watch();
    room?.close();
  };
}
