/** The minutes of a meeting on this device: wired to the line, and to a shelf that only their writer can open. */
import { ask } from "../wire/http";
import { line } from "./line";
import { MinutesDesk } from "./minutes.svelte";
import { sealedShelf } from "./sealedshelf";

/** The minutes, loading and following; `stop()` ends it. */
export async function openMinutes(meeting: string, person: string, writes: boolean): Promise<MinutesDesk> {
  const live = line();
  const desk = new MinutesDesk({
    meeting,
    writes,
    follow: (stream, handlers) => live.follow(stream, handlers),
    command: (stream, command, options) => live.command(stream, command, options),
    ask,
    shelf: await sealedShelf(person, meeting),
    later: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    freshId: () => crypto.randomUUID(),
    now: () => live.now(),
  });
  void desk.start();
  return desk;
}
