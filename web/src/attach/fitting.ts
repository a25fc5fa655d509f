import type { Attachment } from "svelte/attachments";

/**
 * Words that must all be read where there is only so much room: the largest of these sizes at which they fit, as
 * `--size`. `onfit` is told which one it is; null where not even the smallest does, which then stays.
 */
export function fitting(
  sizes: readonly number[],
  onfit: (size: number | null) => void = () => undefined,
): Attachment<HTMLElement> {
  return (node) => {
    const fits = (size: number): boolean => {
      node.style.setProperty("--size", String(size));
      // A fraction of a pixel is rounded up in the one and down in the other.
      return node.scrollHeight <= node.clientHeight + 1;
    };
    const fit = (): void => onfit(sizes.find(fits) ?? null);
    const watching = new ResizeObserver(fit);
    watching.observe(node);
    fit();
    return () => watching.disconnect();
  };
}
