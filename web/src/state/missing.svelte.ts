/** A part of this page that did not come when it was asked for: most often the house has a newer client by now. */

export const missing = $state({ part: false });

/** Heed what is said of every part that fails to load; whoever asked for it says only what they know themselves. */
export function watchParts(): () => void {
  // Of Vite's loader for parts of a page; the browser itself says nothing.
  const failed = (): void => void look();
  addEventListener("vite:preloadError", failed);
  return () => removeEventListener("vite:preloadError", failed);
}

/** Without a line nothing comes: that is said elsewhere, and parts are asked for again when it is back. */
async function look(): Promise<void> {
  const isThere = await fetch("/", { method: "HEAD", cache: "no-store" }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (isThere) missing.part = true;
}
