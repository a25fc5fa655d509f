import { expect, test } from "vitest";
import { type OwnPaper, asPaper, isWorking, megabytes, readable, versionsRemoved } from "./folder";

const A4 = [595, 842] as const;
const ready: OwnPaper = {
  id: "p1",
  name: "Việc cần hỏi_quý III.docx",
  state: "ready",
  code: "",
  details: {},
  version: { id: "v1", sizes: [A4, A4], rendered: 2, broken: 0 },
};
const coming: OwnPaper = { ...ready, id: "p2", state: "converting", version: null };

test("a paper of one's own looks to the reader like any other, on no item and for nobody else", () => {
  expect(asPaper(ready)).toMatchObject({ title: "Việc cần hỏi quý III", item: "", version: "v1", pages: 2, named: [] });
  expect(asPaper(coming)).toBeNull();
  expect(Object.keys(readable([ready, coming]))).toEqual(["p1"]);
});

test("a paper is worked on until its last page is drawn, or is known not to be", () => {
  const drawn = (rendered: number, broken: number): OwnPaper => ({
    ...ready,
    version: { id: "v1", sizes: [A4, A4], rendered, broken },
  });
  expect([coming, drawn(1, 0), drawn(2, 0), drawn(1, 1)].map(isWorking)).toEqual([true, true, false, false]);
  expect(isWorking({ ...coming, state: "refused" })).toBe(false);
});

test("what was deleted elsewhere is known by its version", () => {
  expect(versionsRemoved([ready, coming], [])).toEqual(["v1"]);
  expect(versionsRemoved([ready], [ready])).toEqual([]);
});

test("what is there never counts as nothing", () => {
  expect([0, 1, 1 << 20, (1 << 20) + 1].map(megabytes)).toEqual([0, 1, 1, 2]);
});
