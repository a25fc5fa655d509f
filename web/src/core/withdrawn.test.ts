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
  screen_only: false,
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
  const replaced = { ...open, papers: { ...open.papers, p: { ...open.papers["p"]!, version: "v-new" } } };
  expect(versionsGone(open, replaced)).toEqual(["v-p"]);
  expect(versionsGone(open, open)).toEqual([]);
});

test("what is for the screen only leaves the device, also where that was decided while nobody looked", () => {
  const restricted = { ...open, papers: { ...open.papers, p: { ...open.papers["p"]!, screen_only: true } } };
  expect(versionsGone(open, restricted)).toEqual(["v-p"]);
  expect(versionsGone(restricted, { ...restricted, title: "Họp" }), "once").toEqual([]);
  expect(versionsGone(null, restricted)).toEqual(["v-p", "v-q"]);
  expect(versionsGone(restricted, open), "it may be kept again").toEqual([]);
});

test("when a meeting becomes an internal one, all its papers leave the device", () => {
  expect(versionsGone(open, { ...open, internal: true })).toEqual(["v-p"]);
  expect(versionsGone(null, { ...open, internal: true })).toEqual(["v-p", "v-q"]);
});
