import { flushSync } from "svelte";
import { expect, test } from "vitest";
import { openAt } from "./spot.svelte";
import { spottedRoom } from "./spotexample.svelte";

test("a found page is opened, and its words are looked for once its paper is there", () => {
  const { room, told, comes } = spottedRoom();
  const end = openAt("#tai-lieu=p1&trang=3&tim=%C4%91%E1%BA%A7u%20t%C6%B0", room);
  expect(told).toEqual(["open p1 3"]);
  comes("p2");
  flushSync();
  expect(told).toEqual(["open p1 3"]);
  comes("p1");
  flushSync();
  comes("p1");
  flushSync();
  expect(told).toEqual(["open p1 3", "search", "find đầu tư 3"]);
  end();
});

test("without words the page is opened alone, and an address of nothing opens nothing", () => {
  const first = spottedRoom();
  openAt("#tai-lieu=p1&trang=3", first.room)();
  const second = spottedRoom();
  openAt("", second.room)();
  expect([first.told, second.told]).toEqual([["open p1 3"], []]);
});
