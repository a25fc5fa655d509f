import { expect, test } from "vitest";
import { site } from "../linesexample";
import { checklistCounts, type Check, type Finding, testedSites, worthSaying } from "./checklist";
import type { LineTest } from "./linetest";

const check = (item: Check["item"], state: Check["state"]): Check => ({
  item,
  state,
  note: "",
  by: "k",
  name: "Hoàng Gia Khánh",
  at: 1,
});
const finding = (level: Finding["level"]): Finding => ({ level, words: { vi: level, en: level } });
const tested = (result: LineTest["result"]): LineTest => ({ result }) as LineTest;

test("a list nobody has begun has everything to do", () => {
  expect(checklistCounts({})).toEqual({ good: 0, bad: 0, all: 7 });
  const begun = { camera: check("camera", "good"), screens: check("screens", "bad") };
  expect(checklistCounts(begun)).toEqual({ good: 1, bad: 1, all: 7 });
});

test("what is wrong is said, the gravest first; what is in order only when all is", () => {
  const all = [finding("ok"), finding("warn"), finding("bad")];
  expect(worthSaying(all).map((one) => one.level)).toEqual(["bad", "warn"]);
  expect(worthSaying([finding("ok")])).toHaveLength(1);
});

test("sites are counted by their last test: failed ones and those nobody tried are named", () => {
  const sites = ["a", "b", "c", "d"].map((id, at) => site(id, at));
  const found = testedSites(sites, { a: tested("passed"), b: tested("remarks"), c: tested("failed") });
  expect(found.passed).toBe(2);
  expect(found.failed.map((one) => one.id)).toEqual(["c"]);
  expect(found.untested.map((one) => one.id)).toEqual(["d"]);
});
