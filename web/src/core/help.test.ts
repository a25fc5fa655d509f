import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { HELP_PAGES, pageFor, paragraphsOf, piecesOf, questionsOf, search, TOPICS, type Topics } from "./help";

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const VI = read("../help/vi.json") as Topics;
const EN = read("../help/en.json") as Topics;
const linesOf = (topics: Topics): string[] => Object.values(topics).flatMap(({ q, a }) => [q, ...a]);

test("every question is answered in both languages, with as many steps", () => {
  expect(Object.keys(VI).sort()).toEqual(Object.keys(TOPICS).sort());
  expect(Object.keys(EN).sort()).toEqual(Object.keys(TOPICS).sort());
  const steps = (topics: Topics) =>
    Object.entries(topics).map(([id, { a }]) => [id, a.filter((one) => one.startsWith("- ")).length]);
  expect(steps(EN)).toEqual(steps(VI));
});

test("buttons are named by the texts they carry, so that the guide never says another word", () => {
  for (const [language, topics] of [
    ["vi", VI],
    ["en", EN],
  ] as const) {
    const folder = new URL(`../i18n/${language}/`, import.meta.url);
    const known = new Set(
      readdirSync(folder).flatMap((file) =>
        Object.keys(read(`../i18n/${language}/${file}`) as object).map((key) => `${file.slice(0, -5)}.${key}`),
      ),
    );
    const named = linesOf(topics).flatMap((line) => piecesOf(line).filter(({ button }) => button));
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter(({ words }) => !known.has(words))).toEqual([]);
  }
});

test("it is written as a civil servant writes", () => {
  for (const line of linesOf(VI)) {
    expect(line).toBe(line.normalize("NFC"));
    expect(line).not.toMatch(/\bbạn\b|!|WebRTC|click|hộ\b(?! khẩu)(?=,)/i);
  }
});

test("it opens at what fits the screen and whoever looks", () => {
  const nobody = { offices: [], roles: [] };
  expect(pageFor("ChairDesk", nobody)).toBe("chair");
  expect(pageFor("ChairDesk", { offices: [], roles: ["deputy"] })).toBe("deputy");
  expect(pageFor("Room", { offices: ["guest"], roles: ["guest"] })).toBe("guest");
  expect(pageFor("Rooms", { offices: ["technician"], roles: [] })).toBe("technician");
  expect(pageFor("Rooms", { offices: ["unit"], roles: [] })).toBe("administrator");
  expect(pageFor("Calendar", { offices: ["secretary"], roles: [] })).toBe("secretary");
  expect(pageFor(null, nobody)).toBe("common");
  const { here, others } = questionsOf("delegate", "Room");
  expect(here[0]).toBe("delegate.follow");
  expect(here).toContain("common.network");
  expect(others).toEqual(["delegate.tablet"]);
});

test("every page has questions", () => {
  for (const page of HELP_PAGES) expect(questionsOf(page, null).others.length).toBeGreaterThan(3);
});

test("questions are found with and without marks, in the question before the answer", () => {
  expect(search(VI, "quen mat khau")[0]).toBe("administrator.reset");
  expect(search(VI, "quên mật khẩu")).toEqual(search(VI, "QUEN MAT KHAU"));
  expect(search(VI, "vọng")[0]).toBe("chair.mute");
  expect(search(VI, "không có câu này")).toEqual([]);
});

test("steps that follow each other are one list", () => {
  expect(paragraphsOf({ q: "", a: ["- một", "- hai", "ba"] })).toEqual([["một", "hai"], "ba"]);
  expect(piecesOf("Chạm [room.more] rồi")).toEqual([
    { words: "Chạm ", button: false },
    { words: "room.more", button: true },
    { words: " rồi", button: false },
  ]);
});
