/** A meeting that goes on while a test looks at a screen. */
import type { Meeting } from "./wire/types";

export class Live {
  meeting = $state.raw() as Meeting;

  constructor(first: Meeting) {
    this.meeting = first;
  }
}
