import { expect, test } from "vitest";
import app from "./App.svelte?raw";
import { PATHS, screenAt } from "./paths";

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

test("an address that is cut in the middle of a letter has no screen, and breaks nothing", () => {
  expect(screenAt("/hop/%E0%A4%A")).toBeNull();
  expect(screenAt("/%")).toBeNull();
  expect(screenAt("/hop/phi%C3%AAn-1")).toEqual({ screen: "Room", params: { meeting: "phiên-1" } });
});

test("every screen of the table can be loaded, and nothing else is split off", () => {
  const names = /screens\/\{([\w,]+)\}\.svelte/.exec(app)?.[1]?.split(",");
  expect(names).toEqual([...new Set(Object.values(PATHS))].sort());
});
