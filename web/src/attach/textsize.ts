/** A− and A+: the scale of all text, kept on this device. */
export const TEXT_SCALES = [0.875, 1, 1.125, 1.25, 1.5] as const;

const KEPT = "hopso.text-scale";

/** The scale in use; 1 when none was chosen. */
export function textScale(): number {
  const kept = Number(localStorage.getItem(KEPT));
  return TEXT_SCALES.some((scale) => scale === kept) ? kept : 1;
}

/** Put the chosen scale on the page. */
export function applyTextSize(): void {
  document.documentElement.style.setProperty("--text-scale", String(textScale()));
}

/** One step larger (1) or smaller (−1); returns the new scale. The ends of the row stay put. */
export function stepTextSize(by: 1 | -1): number {
  const at = TEXT_SCALES.findIndex((scale) => scale === textScale());
  const next = TEXT_SCALES[Math.min(TEXT_SCALES.length - 1, Math.max(0, at + by))] ?? 1;
  localStorage.setItem(KEPT, String(next));
  applyTextSize();
  return next;
}
