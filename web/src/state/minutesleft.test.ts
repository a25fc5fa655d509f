import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { minutesLeft } from "./minutesleft";
import { meetingsOnShelf } from "./minutesshelf";
import { sealedShelf } from "./sealedshelf";
import { session } from "./session.svelte";
import { sessionEnd } from "./sessionend.svelte";

const KEY = btoa("k".repeat(32));
const really = globalThis.fetch;
const sent: { path: string; update: string }[] = [];
let takes = true;

/** A house that releases the key, and takes or refuses edits of the minutes. */
async function house(path: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  if (String(path).endsWith("/outbox-key")) return new Response(JSON.stringify({ key: KEY }));
  if (!String(path).endsWith("/updates")) return new Response(JSON.stringify({ ok: true, now: 0 }));
  if (!takes) throw new TypeError("no network");
  sent.push({ path: String(path), ...(JSON.parse(String(init?.body)) as { update: string }) });
  return new Response(JSON.stringify({ ok: true, now: 5, version: 2 }));
}

beforeEach(async () => {
  globalThis.fetch = house;
  takes = true;
  sent.length = 0;
  await (await minutesLeft("tra")).discard();
});
afterEach(() => (globalThis.fetch = really));

describe("minutes that were left on a device", () => {
  it("are sent at sign-out, and then lie here no longer", async () => {
    await (await sealedShelf("tra", "m1")).keep(Uint8Array.of(1, 2, 3));
    const left = await minutesLeft("tra");
    expect(left.meetings).toEqual(["m1"]);
    await left.send();
    expect(sent).toEqual([{ path: "/api/meetings/m1/minutes/updates", update: "AQID", id: expect.any(String) }]);
    expect(left.meetings).toEqual([]);
    expect(await meetingsOnShelf("tra")).toEqual([]);
  });

  it("stay sealed when they cannot be sent, until they are thrown away", async () => {
    await (await sealedShelf("tra", "m1")).keep(Uint8Array.of(1));
    await (await sealedShelf("nga", "m1")).keep(Uint8Array.of(2));
    takes = false;
    const left = await minutesLeft("tra");
    await left.send();
    expect(left.meetings).toEqual(["m1"]);
    await left.discard();
    expect(await meetingsOnShelf("tra")).toEqual([]);
    expect(await meetingsOnShelf("nga")).toEqual(["m1"]);
  });

  it("are asked about before somebody signs out", async () => {
    await (await sealedShelf("tra", "m1")).keep(Uint8Array.of(1));
    takes = false;
    session.me = { ...PERSON };
    const leaving = sessionEnd.signOut();
    await expect.poll(() => sessionEnd.waiting).toBe(1);
    sessionEnd.answer("stay");
    expect(await leaving).toBe(false);
    expect(session.me?.person).toBe("tra");
    expect(await meetingsOnShelf("tra")).toEqual(["m1"]);
  });
});

const PERSON = {
  person: "tra",
  session: "s1",
  name: "Tăng Thu Trà",
  title: "",
  unit: "",
  unit_name: "",
  offices: [],
  only_meeting: "",
  second_factor: false,
  now: 0,
};
