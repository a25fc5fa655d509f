/** A part of this page that did not come when it was asked for: most often the house has a newer client by now. */

export const missing = $state({ part: false });

/** Heed what is said of every part that fails to load; whoever asked for it says only what they know themselves. */
export function watchParts(): () => void {
  const failed = (): void => void (missing.part = true);
  // Of Vite's loader for parts of a page; the browser itself says nothing.
  addEventListener("vite:preloadError", failed);
  return () => removeEventListener("vite:preloadError", failed);
}
