/** The notice that stands on all screens: with its time it goes, also from a device whose line is away. */
import type { Meeting } from "../wire/types";

interface Watched {
  readonly meeting: Meeting | null;
  /** The server's clock. */
  now: () => number;
}

export class Notice {
  private over = $state(false);

  /** To be made while a component is. */
  constructor(private readonly watched: () => Watched) {
    $effect(() => {
      const { meeting, now } = watched();
      const left = (meeting?.notice_until ?? 0) - now();
      this.over = false;
      if (!meeting?.notice_until) return;
      const timer = setTimeout(() => (this.over = true), Math.max(0, left));
      return () => clearTimeout(timer);
    });
  }

  /** The sentence; empty while none stands. */
  readonly text = $derived.by(() => (this.over ? "" : (this.watched().meeting?.notice ?? "")));
}
