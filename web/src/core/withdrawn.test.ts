import { expect, test } from "vitest";
import { meeting } from "../deskexample";
import type { Paper } from "../wire/types";
import { versionsGone, withoutWithdrawn } from "./withdrawn";

const paper = (id: string, readers: Paper["readers"]): Paper => ({
  id,
  item: "i1",
  title: id,
  short: id,
  kind: "",
  state: "ready",
  problem: "",
  version: `v-${id}`,
  pages: 3,
  readers,
  named: readers === "named" ? ["b"] : [],
});
const open = meeting({ papers: { p: paper("p", "all"), q: paper("q", "named") } });
const closed = { ...open, phase: "closed" as const };

test("at the closing papers for named readers leave every tablet but those of the desk", () => {
  expect(Object.keys(withoutWithdrawn(closed, false).papers)).toEqual(["p"]);
  expect(withoutWithdrawn(closed, true)).toBe(closed);
  expect(withoutWithdrawn(open, false)).toBe(open);
});

test("what is gone is named by its version, so that its pages can be removed", () => {
  expect(versionsGone(open, withoutWithdrawn(closed, false))).toEqual(["v-q"]);
  expect(versionsGone(null, open)).toEqual([]);
});
