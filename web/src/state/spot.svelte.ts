/** Opening the room at a page of a paper, as a found page's address says, with what was found marked on it. */
import { untrack } from "svelte";
import { spotIn } from "../core/finding";
import type { RoomState } from "./room.svelte";

/** Returns what ends the waiting for a paper that may never come. */
export function openAt(hash: string, room: Pick<RoomState, "reading" | "search" | "found">): () => void {
  const spot = spotIn(hash);
  if (spot === null) return () => undefined;
  room.reading.open(spot.paper, spot.page);
  let looked = spot.words === "";
  return $effect.root(() => {
    $effect(() => {
      const paper = room.reading.place?.paper;
      if (looked || paper?.id !== spot.paper || !paper.version) return;
      looked = true;
      untrack(() => {
        room.search();
        void room.found?.find(spot.words, spot.page);
      });
    });
  });
}
