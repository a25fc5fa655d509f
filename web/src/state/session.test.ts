import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { afterSignIn, session, type Me } from "./session.svelte";
import { wipe } from "./tablet.svelte";
import { markTablet } from "./tabletmark";

const NGUYET: Me = {
  person: "nguyet",
  session: "s1",
  name: "Lê Thị Minh Nguyệt",
  title: "Giám đốc Sở Y tế",
  unit: "so-yt",
  unit_name: "Sở Y tế",
  offices: ["secretary"],
  only_meeting: "",
  second_factor: false,
  now: 0,
};
const GUEST: Me = { ...NGUYET, person: "g1", offices: ["guest"], only_meeting: "m1" };

interface Heard {
  method: string;
  path: string;
  body: unknown;
}
const heard: Heard[] = [];
const answers: [number, unknown][] = [];
const realFetch = globalThis.fetch;

beforeEach(() => {
  localStorage.clear();
  heard.length = answers.length = 0;
  session.me = undefined;
  session.keepUnit(null);
  // The edge of the page: the network.
  globalThis.fetch = async (path, init) => {
    heard.push({ method: init?.method ?? "", path: String(path), body: JSON.parse(String(init?.body ?? "null")) });
    const [status, content] = answers.shift() ?? [500, {}];
    return new Response(JSON.stringify(content), { status });
  };
});
afterEach(() => {
  globalThis.fetch = realFetch;
});

describe("the session", () => {
  it("does not know who is there until it has asked", async () => {
    expect(session.me).toBeUndefined();
    answers.push([200, NGUYET]);
    await session.load();
    expect(session.me?.name).toBe("Lê Thị Minh Nguyệt");
    expect([session.holds("secretary"), session.holds("system")]).toEqual([true, false]);
  });

  it("knows that nobody is there", async () => {
    answers.push([401, { ok: false, code: "session.none", details: {} }]);
    expect(await session.load()).toBeNull();
    expect(session.me).toBeNull();
  });

  it("does not call a broken line signed out", async () => {
    answers.push([503, { ok: false, code: "x.y", details: {} }]);
    await expect(session.load()).rejects.toThrow("x.y");
    expect(session.me).toBeUndefined();
  });

  it("goes step by step and remembers the unit, not the person", async () => {
    answers.push([200, { step: "code", offer: null }], [200, { step: "done", me: NGUYET }]);
    expect(await session.signIn({ username: "nguyetltm.syt", password: "…" })).toEqual({ step: "code", offer: null });
    expect(session.me).toBeUndefined();
    await session.signIn({ username: "nguyetltm.syt", password: "…", code: "123456" });
    expect(session.me).toEqual(NGUYET);
    expect(localStorage.getItem("hopso.unit")).toBe('{"id":"so-yt","name":"Sở Y tế"}');
    expect(JSON.stringify(localStorage)).not.toContain("nguyetltm");
  });

  it("sends the unit chosen on this device along", async () => {
    session.keepUnit({ id: "so-nv", name: "Sở Nội vụ" });
    answers.push([200, { step: "done", me: NGUYET }]);
    await session.signIn({ username: "nguyet", password: "…" });
    expect(heard[0]?.body).toEqual({ username: "nguyet", password: "…", unit: "so-nv" });
    expect(session.unit?.id).toBe("so-nv");
  });

  it("lets a guest in with the code in the body, never in the address", async () => {
    answers.push([200, { step: "done", me: GUEST }]);
    await session.enter("7K3F-9QXM-2HTA-P4VN");
    expect(heard).toEqual([{ method: "POST", path: "/api/enter", body: { code: "7K3F-9QXM-2HTA-P4VN" } }]);
    expect(session.unit).toBeNull();
  });

  it("is over when the server says so, whatever was asked", async () => {
    session.me = NGUYET;
    answers.push([401, { ok: false, code: "session.none", details: {} }]);
    await expect(session.ticket()).rejects.toThrow("session.none");
    expect(session.me).toBeNull();
  });

  it("is over after signing out, also when it was over before", async () => {
    session.me = NGUYET;
    answers.push([401, { ok: false, code: "session.none", details: {} }]);
    await session.signOut();
    expect(session.me).toBeNull();
  });

  it("stays when signing out did not reach the server", async () => {
    session.me = NGUYET;
    answers.push([503, { ok: false, code: "x.y", details: {} }]);
    await expect(session.signOut()).rejects.toThrow("x.y");
    expect(session.me).toEqual(NGUYET);
  });
});

describe("where to go after signing in", () => {
  it.each([
    ["", "/"],
    ["?den=/hop/m1", "/hop/m1"],
    ["?den=//evil.example", "/"],
    ["?den=/\\evil.example", "/"],
    ["?den=https://evil.example", "/"],
    ["?den=/dang-nhap", "/"],
  ])("%s leads to %s", (search, path) => {
    expect(afterSignIn(search, NGUYET)).toBe(path);
  });

  it("takes guests and sites to their meeting", () => {
    expect(afterSignIn("?den=/quan-tri", GUEST)).toBe("/hop/m1");
    expect(afterSignIn("", { ...GUEST, person: "site:a", offices: ["site"] })).toBe("/diem-cau/m1/site%3Aa");
  });
});

describe("a device without a network", () => {
  const cut = (): void => {
    globalThis.fetch = async () => Promise.reject(new TypeError("no network"));
  };

  it("still knows who was signed in, until they leave", async () => {
    answers.push([200, NGUYET]);
    await session.load();
    cut();
    session.me = undefined;
    expect((await session.load())?.person).toBe("nguyet");
    await session.leave();
    expect(session.me).toBeNull();
    await expect(session.load()).rejects.toThrow("network.unreachable");
  });

  it("ends the session that was left as soon as the server is heard of again, and no other", async () => {
    session.me = NGUYET;
    cut();
    await session.leave();
    globalThis.fetch = async (path, init) => {
      heard.push({ method: init?.method ?? "", path: String(path), body: null });
      return new Response(JSON.stringify(heard.length === 3 ? { ...NGUYET, session: "s2" } : NGUYET));
    };
    expect(await session.load()).toBeNull();
    expect(heard.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /api/me", "DELETE /api/session"]);
    expect((await session.load())?.session).toBe("s2");
  });
});

describe("a shared tablet", () => {
  afterEach(() => markTablet(null));

  it("takes nobody at its own word: without the server it knows of nobody", async () => {
    answers.push([200, { ...NGUYET, offices: ["seat"], only_meeting: "m1" }]);
    await session.load();
    session.me = undefined;
    globalThis.fetch = () => Promise.reject(new TypeError("no network"));
    expect((await session.load())?.person).toBe("nguyet");
    markTablet("C1");
    session.me = undefined;
    await expect(session.load()).rejects.toThrow("network.unreachable");
  });

  it("asks the server with meeting, person and PIN, and then who is there", async () => {
    answers.push([200, { ok: true }], [200, { ...NGUYET, offices: ["seat"], only_meeting: "m1" }]);
    const me = await session.sitDown("m1", "nguyet", "274913");
    expect(heard[0]).toEqual({
      method: "POST",
      path: "/api/tablet/session",
      body: { meeting: "m1", person: "nguyet", pin: "274913" },
    });
    expect(me && afterSignIn("", me)).toBe("/hop/m1");
  });

  it("keeps nothing of a person when it is emptied, and stays a tablet", async () => {
    markTablet("C1");
    localStorage.setItem("hopso.me", JSON.stringify(NGUYET));
    localStorage.setItem("hopso.theme", "dark");
    indexedDB.open("hopso").onsuccess = (event) => (event.target as IDBOpenDBRequest).result.close();
    await wipe();
    expect(Object.keys(localStorage).sort()).toEqual(["hopso.tablet", "hopso.theme"]);
    expect((await indexedDB.databases()).map((one) => one.name)).toEqual([]);
  });
});
