import { expect, test } from "vitest";
import { changesOf, parentsFor, precedenceOf, unitRows, usernameFor } from "./administration";
import type { Unit } from "./prepare";

const unit = (id: string, name: string, parent = "", retired = false): Unit => ({
  id,
  name,
  short: "",
  kind: "agency",
  parent,
  order: 0,
  retired,
});
const UNITS = [
  unit("tinh", "Tỉnh Lam Giang"),
  unit("ubnd", "Ủy ban nhân dân tỉnh", "tinh"),
  unit("syt", "Sở Y tế", "ubnd"),
  unit("cu", "Sở Thông tin", "ubnd", true),
  unit("xa", "Xã Mường Dạ", "tinh"),
];
const shown = (typed: string, withRetired = false): string[] =>
  unitRows(UNITS, typed, withRetired).map(({ unit: { id }, depth }) => `${depth} ${id}`);

test("the tree is shown as rows, and what is found with the way to it", () => {
  expect(shown("")).toEqual(["0 tinh", "1 ubnd", "2 syt", "1 xa"]);
  expect(shown("y te")).toEqual(["0 tinh", "1 ubnd", "2 syt"]);
  expect(shown("thông", true)).toEqual(["0 tinh", "1 ubnd", "2 cu"]);
});

test("a unit is never put beneath itself, nor into one out of use", () => {
  expect(parentsFor(UNITS, "ubnd").map(({ id }) => id)).toEqual(["tinh", "xa"]);
});

test("a username is the given name, the first letters and the unit", () => {
  expect(usernameFor("Trần Quốc Hòa", { name: "Sở Y tế tỉnh Lam Giang", short: "Sở Y tế" })).toBe("hoatq.syt");
  expect(usernameFor("Đỗ Minh Tuấn", { name: "", short: "UBND tỉnh" })).toBe("tuandm.ubnd");
  expect(usernameFor("", { name: "Sở Y tế", short: "" })).toBe("");
});

test("an empty precedence is that of the title", () => {
  expect([precedenceOf(""), precedenceOf("15"), precedenceOf("-3")]).toEqual([900, 15, 900]);
});

test("a line of the record says what changed", () => {
  const line = { at: 0, what: "changed", person: "", person_name: "", by: "", by_name: "", address: "" };
  expect(changesOf({ ...line, details: { unit_name: "Sở Y tế", name: ["A", "B"] } })).toEqual([
    { field: "name", before: "A", after: "B" },
  ]);
});
