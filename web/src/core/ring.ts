/** The ring of seats: one tick a site or member, clockwise in protocol order from 12 o'clock, on a 100 × 100 drawing. */

/** How a tick looks; the words beside the ring say the same. */
export type Tick = "on" | "off" | "yes" | "no" | "other" | "weak" | "lost" | "alone";

const OUTER = 50;
/** Part of a tick's angle that stays empty. */
const GAP = 0.22;

function at(radius: number, angle: number): string {
  const x = 50 + radius * Math.sin(angle);
  const y = 50 - radius * Math.cos(angle);
  return `${x.toFixed(2)} ${y.toFixed(2)}`;
}

/** The outline of tick number `index` (from 0) of `count`; `inner` is the radius of the hole, 0 to 50. */
export function tickPath(index: number, count: number, inner = 30): string {
  const step = (2 * Math.PI) / count;
  const from = index * step + (step * GAP) / 2;
  const to = (index + 1) * step - (step * GAP) / 2;
  const large = to - from > Math.PI ? 1 : 0;
  return (
    `M${at(inner, from)}L${at(OUTER, from)}A${OUTER} ${OUTER} 0 ${large} 1 ${at(OUTER, to)}` +
    `L${at(inner, to)}A${inner} ${inner} 0 ${large} 0 ${at(inner, from)}Z`
  );
}
