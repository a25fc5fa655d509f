import { expect, test } from "vitest";
import { keepingOf, mayKeep, otherWidths } from "./caching";

const OWN = "https://hop.example";
const get = (path: string, mode = "no-cors", method = "GET", origin = OWN, cache = "default") =>
  keepingOf({ method, mode, cache }, { origin, pathname: path }, OWN);

test("pages and files of the application are kept, everything else is not", () => {
  expect(get("/pages/01J9/7/960.webp")).toBe("page");
  expect(get("/pages/01J9/7/text.json")).toBe("page");
  expect(get("/pages/01J9/outline.json")).toBe("page");
  expect(get("/pages/01J9/7/outline.json")).toBe("none");
  expect(get("/assets/index-abc.js")).toBe("asset");
  expect(get("/api/meetings")).toBe("none");
  expect(get("/pages/01J9/original.pdf")).toBe("none");
  expect(get("/pages/01J9/7/960.webp", "no-cors", "POST")).toBe("none");
  expect(get("/assets/x.js", "no-cors", "GET", "https://elsewhere.example")).toBe("none");
  expect(get("/pages/01J9/7/960.webp", "cors", "GET", OWN, "no-store"), "what the page itself brings").toBe("none");
});

test("every path of the application starts from the kept start page, other doors do not", () => {
  expect(get("/hop/01J9", "navigate")).toBe("start");
  expect(get("/", "navigate")).toBe("start");
  expect(get("/cai-dat", "navigate")).toBe("none");
  expect(get("/api/papers/1/original", "navigate")).toBe("none");
});

test("what must not be stored is not", () => {
  expect(mayKeep(200, "public, max-age=31536000, immutable")).toBe(true);
  expect(mayKeep(200, null)).toBe(true);
  expect(mayKeep(200, "private, No-Store")).toBe(false);
  expect(mayKeep(403, null)).toBe(false);
  expect(mayKeep(206, null)).toBe(false);
});

test("a page without its wanted width is shown in the sharpest there is", () => {
  expect(otherWidths("/pages/v/7/960.webp", [240, 960, 1440])).toEqual(["/pages/v/7/1440.webp", "/pages/v/7/240.webp"]);
  expect(otherWidths("/pages/v/7/text.json", [240])).toEqual([]);
});
