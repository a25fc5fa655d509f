/** A room for tests of `openAt`: it tells what is asked of it, and papers come when the test says so. */
import type { openAt } from "./spot.svelte";

type Room = Parameters<typeof openAt>[1];

export function spottedRoom(): { room: Room; told: string[]; comes: (paper: string) => void } {
  const told: string[] = [];
  let place = $state.raw<{ paper: { id: string; version: string }; page: number } | null>(null);
  let found: object | null = null;
  const room = {
    reading: {
      open: (paper: string, page: number) => void told.push(`open ${paper} ${page}`),
      get place() {
        return place;
      },
    },
    search: () => {
      told.push("search");
      found = { find: async (words: string, page: number) => void told.push(`find ${words} ${page}`) };
    },
    get found() {
      return found;
    },
  };
  return {
    room: room as unknown as Room,
    told,
    comes: (paper) => (place = { paper: { id: paper, version: "v" }, page: 3 }),
  };
}
