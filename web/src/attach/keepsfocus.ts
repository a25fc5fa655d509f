/**
 * What had the focus goes with one's own action: the focus then rests on the place itself, so that the next key begins
 * there and not at the top of the page. Not on a neighbour: a second Enter must not press what nobody chose.
 */
export function keepsFocus(place: HTMLElement): () => void {
  let held: Element | null = null;
  if (!place.hasAttribute("tabindex")) place.tabIndex = -1;

  const took = (event: FocusEvent): void => void (held = event.target as Element);
  // Some browsers say that it was left while it is being removed: only afterwards is it known which of both it was.
  const left = (): void =>
    queueMicrotask(() => {
      if (held?.isConnected) held = null;
    });
  const removed = new MutationObserver(() => {
    if (held === null || held.isConnected) return;
    held = null;
    if (document.activeElement === document.body) place.focus({ preventScroll: true });
  });
  place.addEventListener("focusin", took);
  place.addEventListener("focusout", left);
  removed.observe(place, { childList: true, subtree: true });
  return () => {
    place.removeEventListener("focusin", took);
    place.removeEventListener("focusout", left);
    removed.disconnect();
  };
}
