import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** What is read during a meeting: who presides is called there as the type of the meeting calls them. */
const IN_MEETINGS = ["vi/ballot", "vi/desk", "vi/room", "vi/seats", "vi/secretary", "vi/site", "errors/ballots"];

test.each(IN_MEETINGS)("no text of %s calls the chair by the name of one type of meeting", (name) => {
  const texts = JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), "utf8")) as Record<string, unknown>;
  const wrong = Object.entries(texts).filter(([, text]) => /chủ trì|(?<!bàn )chủ tọa/i.test(JSON.stringify(text)));
  expect(wrong).toEqual([]);
});
