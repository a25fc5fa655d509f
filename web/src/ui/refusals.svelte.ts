/** The refusal on screen: while a dialog is open, everything outside it is silent for screen readers, so it says it too. */
class Refusals {
  said = $state("");
}
export const refusals = new Refusals();
