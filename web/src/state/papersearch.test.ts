import { expect, test } from "vitest";
import { PaperSearch } from "./papersearch.svelte";

const PAGES = ["Khai mạc", "mức hỗ trợ di dời, hỗ trợ thêm", "Kết luận", "Hỗ trợ một lần"];

/** A server with these pages; some of them out of reach. */
function server(lost: readonly number[] = []) {
  const asked: string[] = [];
  const fetched = async (address: string): Promise<Response> => {
    asked.push(address);
    const page = Number(/\/(\d+)\/text/.exec(address)?.[1]);
    if (lost.includes(page)) throw new TypeError("offline");
    const words = (PAGES[page - 1] ?? "").split(" ").map((text) => [0, 0, 1, 1, text]);
    return Response.json({ width: 595, height: 842, words });
  };
  return { asked, fetched };
}

test("all places are found in the order of the pages, the first from the open page on is looked at", async () => {
  const finder = new PaperSearch("v", 4, server().fetched);
  await finder.find("ho tro", 3);
  expect(finder.hits.map(({ page }) => page)).toEqual([2, 2, 4]);
  expect(finder.hit?.page).toBe(4);
  expect(finder.on(2).found).toHaveLength(2);
  expect(finder.on(4).at).toBe(0);
});

test("steps go round", async () => {
  const finder = new PaperSearch("v", 4, server().fetched);
  await finder.find("hỗ trợ");
  finder.step(-1);
  expect(finder.hit?.page).toBe(4);
  finder.step(1);
  expect([finder.at, finder.hit?.page]).toEqual([0, 2]);
});

test("pages whose words cannot be had are counted, the others are searched", async () => {
  const finder = new PaperSearch("v", 4, server([2]).fetched);
  await finder.find("ho tro");
  expect([finder.hits.length, finder.unread, finder.busy]).toEqual([1, 1, false]);
});

test("words once fetched are not fetched again, an empty query clears", async () => {
  const { asked, fetched } = server();
  const finder = new PaperSearch("v", 4, fetched);
  await finder.find("ket luan");
  await finder.find("khai mac");
  expect(asked).toHaveLength(4);
  await finder.find(" ");
  expect([finder.hits.length, finder.hit]).toEqual([0, null]);
});
