import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Me, session } from "./session.svelte";
import { keepTour, seenTour } from "./tours";

const AN = { person: "an", only_meeting: "", tours: [] as string[] } as unknown as Me;
let asked: string[] = [];

beforeEach(() => {
  localStorage.clear();
  asked = [];
  vi.stubGlobal("fetch", async (path: string, { method }: RequestInit) => {
    asked.push(`${method} ${path}`);
    return Response.json({ ok: true });
  });
});
afterEach(() => {
  session.me = undefined;
  vi.unstubAllGlobals();
});

test("what was shown on one device is not shown to the same account on another", () => {
  session.me = AN;
  keepTour("room", "an");
  expect(asked).toEqual(["PUT /api/me/tours/room"]);
  localStorage.clear(); // the other device
  session.me = { ...AN, tours: ["room"] };
  expect([seenTour("room", "an"), seenTour("chair", "an")]).toEqual([true, false]);
});

test("another account on the same device is shown it", () => {
  session.me = AN;
  keepTour("room", "an");
  session.me = { ...AN, person: "binh", tours: [] };
  expect(seenTour("room", "binh")).toBe(false);
});

test("what a device knows from a time without a network is told to the account once", async () => {
  session.me = AN;
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("no network")));
  keepTour("chair", "an");
  vi.stubGlobal("fetch", async (path: string) => (asked.push(path), Response.json({ ok: true })));
  await vi.waitFor(() => {
    expect(seenTour("chair", "an")).toBe(true);
    expect(asked).toEqual(["/api/me/tours/chair"]);
  });
  expect(seenTour("chair", "an")).toBe(true);
  expect(asked).toHaveLength(1);
});

test("of a guest the device knows it alone; a device for many tells no account of anything", () => {
  session.me = { ...AN, only_meeting: "hop" };
  keepTour("room", "an");
  expect(seenTour("room", "an")).toBe(true);
  session.me = AN;
  localStorage.setItem("hopso.tours", "off");
  expect(seenTour("secretary", "an")).toBe(true);
  expect(asked).toEqual([]);
});
