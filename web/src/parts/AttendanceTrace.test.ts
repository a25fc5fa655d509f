import { render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import { type Trace, attendanceMark } from "../core/attendance";
import { meeting, member, withMembers } from "../deskexample";
import { sitterWords } from "../state/tablet.svelte";
import AttendanceTrace from "./AttendanceTrace.svelte";

const EVENING = Date.parse("2026-11-23T16:30:00+07:00");
const MORNING_AFTER = Date.parse("2026-11-24T08:05:00+07:00");
const EXPECTED = { state: "expected", since: 0, late: false, excused: false, reason: "", how: "", by: "" };
const HERE = { ...EXPECTED, state: "room", since: EVENING, how: "arrived" };

function told(...at: number[]) {
  const line = { by: "ha", person: "a", name: "Lò Văn Ánh", before: EXPECTED, after: HERE, substitute: "" };
  const lines = at.map((one) => ({ ...line, at: one, corrected: true }));
  const trace = { lines, names: { ha: "Trịnh Thu Hà" } } as unknown as Trace;
  return { open: true, news: "1", ask: vi.fn(() => Promise.resolve(trace)), onclose: () => undefined };
}

test("a correction of another day says the day, and of the meeting's own the hour alone", async () => {
  render(AttendanceTrace, told(EVENING, MORNING_AFTER));
  expect(await screen.findByText("24/11 08:05")).toBeTruthy();
});

test("that a substitute was taken back is said with their name", async () => {
  const props = told(EVENING);
  const { lines, names } = await props.ask();
  const gone = { ...lines[0], corrected: false, taken_back: "Trần Đăng Quý" };
  render(AttendanceTrace, { ...props, ask: () => Promise.resolve({ lines: [gone], names } as unknown as Trace) });
  expect(await screen.findByText(/thôi dự thay: Trần Đăng Quý/)).toBeTruthy();
});

test("where all was recorded on one day, the hour says it", async () => {
  render(AttendanceTrace, told(EVENING));
  expect(await screen.findByText("16:30")).toBeTruthy();
});

test("who may sit down at a tablet is told apart by title and unit, not by the unit twice", () => {
  const unit = "Sở Nông nghiệp và Môi trường";
  const sitter = { id: "v", name: "Lương Thị Bích Vân", title: `Giám đốc ${unit}`, unit, instead: "" };
  expect(sitterWords(sitter, (name) => `dự thay ${name}`)).toBe(`Giám đốc ${unit}`);
});

test("the trace is asked for anew when the attendance changes, and stays on screen meanwhile", async () => {
  const now = (state: "room" | "left"): string => {
    const attendance = { ...member("a").attendance, state };
    return attendanceMark(meeting({ ...withMembers(member("a", { attendance })), notice: crypto.randomUUID() }));
  };
  const props = told(EVENING);
  const { rerender } = render(AttendanceTrace, { ...props, news: now("room") });
  expect(await screen.findByText("16:30")).toBeTruthy();
  await rerender({ ...props, news: now("room") });
  expect(props.ask).toHaveBeenCalledTimes(1);
  let answer: (trace: Trace) => void = () => undefined;
  const slow = vi.fn(() => new Promise<Trace>((resolve) => (answer = resolve)));
  await rerender({ ...props, ask: slow, news: now("left") });
  expect(slow).toHaveBeenCalledTimes(1);
  expect(screen.getByText("16:30")).toBeTruthy();
  answer({ lines: [], names: {} });
  expect(await screen.findByText("Chưa có lần sửa nào.")).toBeTruthy();
});

test("why the trace cannot be had is said", async () => {
  const props = told(EVENING);
  render(AttendanceTrace, { ...props, ask: () => Promise.reject("Mất kết nối.") });
  expect((await screen.findByRole("alert")).textContent).toBe("Mất kết nối.");
});
