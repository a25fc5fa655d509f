/** Asking the server for something it may refuse. */
import { refusalWords } from "../i18n";
import type { Problem } from "../wire/http";

/** What a screen asks for: whether the answer is awaited, and why it was refused last. */
export class Attempt {
  busy = $state(false);
  /** As a sentence; null when nothing was refused, or it is put away. */
  wrong = $state<string | null>(null);
  /** The code of that refusal. */
  code = $state("");

  /** Whether it was done. */
  readonly run = async (what: () => Promise<unknown>): Promise<boolean> => {
    this.busy = true;
    this.forget();
    try {
      await what();
      return true;
    } catch (error) {
      this.wrong = refusalWords(error);
      this.code = (error as Problem).code;
      return false;
    } finally {
      this.busy = false;
    }
  };

  /** Put the refusal away. */
  forget(): void {
    [this.wrong, this.code] = [null, ""];
  }
}
