/**
 * One way to write a value down, the same here and in `server/canonical.py`, so that hashes and digests agree.
 *
 * Keys in the order of their code points, no spaces, whole numbers only: fractions print differently in the two
 * languages and are refused.
 */

/** The canonical JSON; throws a `TypeError` for what has none. */
export function canonical(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return wholeNumber(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object") return written(value as Record<string, unknown>);
  throw new TypeError(`${typeof value} has no canonical form`);
}

function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`${value} has no canonical form`);
  return String(value);
}

function written(value: Record<string, unknown>): string {
  const keys = inOrder(Object.keys(value));
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

/** The languages' orders differ only where a character takes two UTF-16 units; a slow tablet must not look for more. */
function inOrder(keys: string[]): string[] {
  return keys.some((key) => SURROGATE.test(key)) ? keys.sort(byCodePoints) : keys.sort();
}

const SURROGATE = /[\ud800-\udfff]/;

/** JavaScript's own order is by UTF-16 units, which puts an emoji before U+E000. */
function byCodePoints(a: string, b: string): number {
  const left = Array.from(a, codePoint);
  const right = Array.from(b, codePoint);
  const first = left.findIndex((point, index) => point !== right[index]);
  if (first === -1) return left.length - right.length;
  return (left[first] ?? 0) - (right[first] ?? -1);
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
