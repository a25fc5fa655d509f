import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { sitterWords } from "../state/tablet.svelte";
import AttendanceTrace from "./AttendanceTrace.svelte";

const EVENING = Date.parse("2026-11-23T16:30:00+07:00");
const MORNING_AFTER = Date.parse("2026-11-24T08:05:00+07:00");
const EXPECTED = { state: "expected", since: 0, late: false, excused: false, reason: "", how: "", by: "" };
const HERE = { ...EXPECTED, state: "room", since: EVENING, how: "arrived" };

afterEach(() => void vi.unstubAllGlobals());

function told(...at: number[]): void {
  const line = { by: "ha", person: "a", name: "Lò Văn Ánh", before: EXPECTED, after: HERE, substitute: "" };
  const lines = at.map((one) => ({ ...line, at: one, corrected: true }));
  vi.stubGlobal("fetch", async () => Response.json({ lines, names: { ha: "Trịnh Thu Hà" } }));
  render(AttendanceTrace, { meeting: "m-1", open: true, onclose: () => {} });
}

test("a correction of another day says the day, and of the meeting's own the hour alone", async () => {
  told(EVENING, MORNING_AFTER);
  expect(await screen.findByText("24/11 08:05")).toBeTruthy();
});

test("where all was recorded on one day, the hour says it", async () => {
  told(EVENING);
  expect(await screen.findByText("16:30")).toBeTruthy();
});

test("who may sit down at a tablet is told apart by title and unit, not by the unit twice", () => {
  const unit = "Sở Nông nghiệp và Môi trường";
  const sitter = { id: "v", name: "Lương Thị Bích Vân", title: `Giám đốc ${unit}`, unit, instead: "" };
  expect(sitterWords(sitter, (name) => `dự thay ${name}`)).toBe(`Giám đốc ${unit}`);
});
