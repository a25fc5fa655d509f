import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { OwnPaper } from "../core/folder";
import { FolderReading } from "./folderreading.svelte";
import { type Me, session } from "./session.svelte";

const paper: OwnPaper = {
  id: "p1",
  name: "Ghi chép.docx",
  state: "ready",
  code: "",
  details: {},
  version: { id: "v1", sizes: Array.from({ length: 3 }, () => [595, 842] as const), rendered: 3, broken: 0 },
};
const shelved = { papers: [paper], octets: 1, most_papers: 200, most_octets: 1 << 30 };

beforeEach(() => {
  session.me = { person: "thao", only_meeting: "" } as Me;
  vi.stubGlobal("caches", { has: async () => false, open: async () => ({}), delete: async () => true });
  vi.stubGlobal("fetch", async (path: string) => {
    if (path !== "/api/folder") throw new TypeError("offline");
    return Response.json(shelved);
  });
});
afterEach(() => {
  session.me = undefined;
  vi.unstubAllGlobals();
});

test("outside of a meeting one's own paper is read with private ink and a search, and nobody is followed", async () => {
  const read = new FolderReading("thao", "p1");
  await vi.waitFor(() => expect(read.reading.place?.page).toBe(1));
  expect([read.reading.mine, read.reading.shared, read.writable]).toEqual([true, null, ["mine"]]);
  read.reading.turn(1);
  expect([read.reading.place?.page, read.reading.following]).toEqual([2, false]);
  expect(read.book).not.toBeNull();
  read.search();
  expect([read.found?.version, read.found?.pages]).toEqual(["v1", 3]);
  read.close();
});

test("a paper that is not there any more is looked for once and called gone", async () => {
  const read = new FolderReading("thao", "p9");
  await vi.waitFor(() => expect(read.looked).toBe(true));
  expect(read.reading.place).toBeNull();
  read.close();
});
