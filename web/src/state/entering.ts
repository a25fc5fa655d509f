/** Coming in from an address: whoever is not signed in goes to the door first, and comes back. */
import { place } from "../place.svelte";
import { RoomState } from "./room.svelte";
import { type Me, session } from "./session.svelte";
import { openAt } from "./spot.svelte";
import { emptiesWith } from "./tablet.svelte";
import { tabletHere } from "./tabletmark";

/** Where somebody who is not signed in is sent, with the way back; a shared tablet asks who sits there. */
export function toTheDoor(): void {
  if (tabletHere()) return place.go("/cho-ngoi", { replace: true });
  place.go(`/dang-nhap?den=${encodeURIComponent(location.pathname)}`, { replace: true });
}

/** What is made for whoever is signed in; the returned function closes it, also before it was made. */
export function enter<T extends { close: () => void }>(make: (me: Me) => T, opened: (made: T) => void): () => void {
  let made: T | null = null;
  let left = false;
  void (async () => {
    const me = session.me ?? (await session.load().catch(() => null));
    if (left) return;
    if (!me) return toTheDoor();
    made = make(me);
    opened(made);
  })();
  return () => {
    left = true;
    made?.close();
  };
}

/** The room of this meeting, opened for whoever is signed in; the returned function closes it. */
export function enterRoom(meeting: string, opened: (room: RoomState) => void): () => void {
  let watch = (): void => undefined;
  const leave = enter(
    (me) => new RoomState(meeting, me.person),
    (room) => {
      const [emptied, shown] = [emptiesWith(room.standing), openAt(location.hash, room)];
      watch = () => {
        emptied();
        shown();
      };
      opened(room);
    },
  );
  return () => {
    watch();
    leave();
  };
}
