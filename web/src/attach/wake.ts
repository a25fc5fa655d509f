/** Everything by which a browser tells that the device may have slept or been without a network. */

const ON_WINDOW = ["pageshow", "online", "offline"] as const;

/** Run something whenever that may have been so; the returned function stops it. */
export function onWake(run: () => void): () => void {
  const shown = (): void => {
    if (document.visibilityState === "visible") run();
  };
  document.addEventListener("visibilitychange", shown);
  for (const name of ON_WINDOW) window.addEventListener(name, run);
  return () => {
    document.removeEventListener("visibilitychange", shown);
    for (const name of ON_WINDOW) window.removeEventListener(name, run);
  };
}
