import { render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { meeting, member, withMembers } from "../deskexample";
import AttendanceRecord from "./AttendanceRecord.svelte";

test.each([
  ["open", 1],
  ["closed", 0],
] as const)("in a meeting that is %s a substitute can be taken back by %i button", (phase, count) => {
  const people = [member("b", { substituted_by: "c" }), member("c", { name: "Trần Đăng Quý", substitute_for: "b" })];
  const now = meeting({ phase, ...withMembers(...people) });
  const does = { act: () => Promise.resolve(true), onsubstitute: () => undefined, onclose: () => undefined };
  render(AttendanceRecord, { meeting: now, member: people[0]!, ...does });
  expect(screen.queryAllByRole("button", { name: /Trần Đăng Quý/ })).toHaveLength(count);
  expect(screen.queryAllByText("Cuộc họp đã bế mạc: người dự thay giữ như đã ghi.")).toHaveLength(1 - count);
});
