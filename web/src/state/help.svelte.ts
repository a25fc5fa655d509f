/** The guide: whether it is open, and for whom it opens. */
import type { Topics } from "../core/help";
import { language } from "../i18n";

const TEXTS = import.meta.glob<Topics>("../help/*.json", { import: "default" });

class HelpState {
  open = $state(false);
  /** The roles of whoever looks in the meeting on screen; the screens of a meeting say so. */
  roles = $state.raw<readonly string[]>([]);
  /** Shows the first steps of this screen again; null where there are none. */
  tour = $state.raw<(() => void) | null>(null);

  /** All questions in the language on screen; kept on the device with the application's other files. */
  texts(): Promise<Topics> {
    return TEXTS[`../help/${language()}.json`]!();
  }
}

export const help = new HelpState();
