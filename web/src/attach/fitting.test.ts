import { expect, test } from "vitest";
import { fitting } from "./fitting";

/** A box of this height in which the words need ten lines of their size. */
function box(height: number): HTMLElement {
  const node = document.createElement("div");
  const lines = { get: () => 10 * Number(node.style.getPropertyValue("--size")) };
  Object.defineProperties(node, { scrollHeight: lines, clientHeight: { value: height } });
  return node;
}

test("words take the largest size at which all of them fit, and say when there is none", () => {
  const found: (number | null)[] = [];
  for (const height of [400, 300, 279, 200]) {
    const node = box(height);
    fitting([36, 32, 28], (size) => found.push(size))(node);
  }
  expect(found).toEqual([36, 28, 28, null]);
});
