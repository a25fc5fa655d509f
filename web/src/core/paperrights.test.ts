import { expect, test } from "vitest";
import { item, meeting, member, paper, withMembers } from "../deskexample";
import { keptBack, rightsOf } from "./paperrights";

const ITEMS = [item("i1"), item("i2")];
const guest = member("g", { roles: ["guest"], mandate: false, only_items: ["i2"] });
const standing = meeting({ items: ITEMS });

test("of a paper that everybody may read and keep nothing is said", () => {
  expect(rightsOf(standing, paper("p", "i1"))).toEqual([]);
});

test("who may read a paper is said first, then that nobody takes it along", () => {
  expect(rightsOf(standing, paper("p", "i1", { readers: "members" }))).toEqual(["members"]);
  expect(rightsOf(standing, paper("p", "i1", { readers: "named", named: ["b"] }))).toEqual(["named", "screen"]);
  expect(rightsOf(standing, paper("p", "i1", { screen_only: true }))).toEqual(["screen"]);
  expect(rightsOf(standing, paper("p", "i1", { readers: "members", screen_only: true }))).toEqual([
    "members",
    "screen",
  ]);
});

test("where a guest is at some items only, the papers of the others are for those who are at these", () => {
  const invited = { ...standing, ...withMembers(guest) };
  expect(rightsOf(invited, paper("p", "i1"))).toEqual(["item"]);
  expect(rightsOf(invited, paper("q", "i2"))).toEqual([]);
  expect(rightsOf(invited, paper("p", "i1", { readers: "members" })), "no guest at all").toEqual(["members"]);
});

test("of an internal meeting no paper is taken along; what people read of their own beside it is theirs", () => {
  const internal = { ...standing, internal: true, papers: { p: paper("p", "i1") } };
  expect(rightsOf(internal, paper("p", "i1"))).toEqual(["screen"]);
  expect(keptBack(internal, paper("own", ""))).toBe(false);
  expect(keptBack(null, paper("own", ""))).toBe(false);
});
