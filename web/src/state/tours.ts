/** Who was shown the first steps of a screen: the account knows it on every device, the device also without a network. */
import { NEVER, type TourName, wasShown, withShown } from "../core/tour";
import { ask } from "../wire/http";
import { session } from "./session.svelte";

const KEPT = "hopso.tours";
/** What the account was told since this page was opened. */
const told = new Set<string>();

/** Whether this person was shown them, here or elsewhere. What only this device knows is told to the account. */
export function seenTour(tour: TourName, person: string): boolean {
  const elsewhere = session.me?.person === person && !!session.me.tours?.includes(tour);
  const kept = localStorage.getItem(KEPT);
  const here = wasShown(kept, tour, person);
  if (here && !elsewhere && kept !== NEVER) tell(tour, person);
  return here || elsewhere;
}

export function keepTour(tour: TourName, person: string): void {
  localStorage.setItem(KEPT, withShown(localStorage.getItem(KEPT), tour, person));
  tell(tour, person);
}

/** Guests and sites come for one meeting: there is no account to tell. */
function tell(tour: TourName, person: string): void {
  const me = session.me;
  const one = `${tour} ${person}`;
  if (me?.person !== person || me.only_meeting || me.tours?.includes(tour) || told.has(one)) return;
  told.add(one);
  // Without a network the device knows it, and says so the next time.
  void ask("PUT", `/api/me/tours/${tour}`).catch(() => told.delete(one));
}
