import { describe, expect, it } from "vitest";
import {
  type Course,
  type Segment,
  clockText,
  fileAt,
  gapsOf,
  lastAt,
  lengthOf,
  marksOf,
  momentAt,
  partsOf,
  positionOf,
} from "./playback";

const stretch = (began_at: number, ended_at: number, why = "paused") => ({ began_at, ended_at, why });
const parts = partsOf([
  stretch(1_000, 5_000),
  stretch(6_000, 6_000),
  stretch(10_000, 12_000, "broken"),
  stretch(20_000, 21_000),
]);

describe("the time of a recording", () => {
  it("leaves the gaps out and says where they were", () => {
    expect(lengthOf(parts)).toBe(7_000);
    expect(gapsOf(parts)).toEqual([
      { at: 4_000, since: 5_000, until: 10_000, why: "paused" },
      { at: 6_000, since: 12_000, until: 20_000, why: "broken" },
    ]);
  });

  it("knows the moment of every position, and back", () => {
    for (let position = 0; position < 7_000; position += 250)
      expect(positionOf(parts, momentAt(parts, position))).toBe(position);
    expect(momentAt(parts, 4_000)).toBe(10_000);
    expect(momentAt(parts, -5)).toBe(1_000);
    expect(momentAt(parts, 99_000)).toBe(21_000);
    expect(positionOf(parts, 7_500)).toBe(4_000);
    expect(positionOf(parts, 0)).toBe(0);
    expect(positionOf(parts, 99_000)).toBe(7_000);
    expect([momentAt([], 5), positionOf([], 5), lengthOf([])]).toEqual([0, 0, 0]);
  });

  it("finds the file of a track, and nothing where nobody was seen", () => {
    const segment = (track: Segment["track"], began_at: number, ended_at: number): Segment => ({
      file: `${track}-${began_at}.webm`,
      track,
      began_at,
      ended_at,
      width: 0,
      height: 0,
    });
    const all = [segment("picture", 1_000, 3_000), segment("picture", 4_000, 5_000), segment("voice0", 1_000, 5_000)];
    expect(fileAt(all, "picture", 2_500)).toEqual({ file: "picture-1000.webm", seconds: 1.5 });
    expect(fileAt(all, "picture", 3_500)).toBeNull();
    expect(fileAt(all, "picture", 4_000)?.file).toBe("picture-4000.webm");
    expect(fileAt(all, "screen", 2_500)).toBeNull();
  });
});

describe("what happened", () => {
  const course: Course = {
    pages: [
      { at: 500, paper: "p", version: "v", page: 1, title: "" },
      { at: 11_000, paper: "p", version: "v", page: 2, title: "" },
    ],
    items: [
      { at: 100, item: "i0", number: 1, title: "Khai mạc" },
      { at: 200, item: "i1", number: 2, title: "Báo cáo" },
      { at: 7_000, item: "i2", number: 3, title: "Tờ trình" },
      { at: 11_500, item: "", number: 0, title: "" },
    ],
    speakers: [
      { at: 11_000, person: "a", name: "Lưu Thị Bích Thảo", title: "Giám đốc" },
      { at: 30_000, person: "b", name: "B", title: "" },
    ],
    votes: [
      { at: 10_500, ballot: "b", question: "Thông qua?", state: "open" },
      { at: 40_000, ballot: "b", question: "Thông qua?", state: "announced" },
    ],
    names: {},
  };

  it("turns the page with the picture", () => {
    expect(lastAt(course.pages, 10_999)?.page).toBe(1);
    expect(lastAt(course.pages, 11_000)?.page).toBe(2);
    expect(lastAt(course.pages, 499)).toBeNull();
  });

  it("is told in order, without what was over before or came after", () => {
    expect(marksOf(course, parts).map(({ kind, position, text }) => [kind, position, text])).toEqual([
      ["item", 0, "2. Báo cáo"],
      ["item", 4_000, "3. Tờ trình"],
      ["vote", 4_500, "Thông qua?"],
      ["speaker", 5_000, "Lưu Thị Bích Thảo"],
    ]);
  });
});

it("tells positions as people read them", () => {
  expect([0, 61_000, 3_600_000, 3_725_999].map(clockText)).toEqual(["00:00", "01:01", "1:00:00", "1:02:05"]);
});
