import { expect, test } from "vitest";
import { screenAt } from "./paths";

test("the words after a colon reach the screen", () => {
  expect(screenAt("/diem-cau/01J9/xa-thuong-xuan")).toEqual({
    screen: "Site",
    params: { meeting: "01J9", site: "xa-thuong-xuan" },
  });
});

test("a slash at the end changes nothing", () => {
  expect(screenAt("/hop/01J9/")).toEqual(screenAt("/hop/01J9"));
});

test("the root is the calendar", () => {
  expect(screenAt("/")).toEqual({ screen: "Calendar", params: {} });
});

test("a path without its meeting, or an unknown one, has no screen", () => {
  expect(screenAt("/hop/")).toBeNull();
  expect(screenAt("/khong-co")).toBeNull();
});
