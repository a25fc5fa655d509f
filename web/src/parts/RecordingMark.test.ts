import { render } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { BLANK } from "../core/meeting";
import type { Meeting } from "../wire/types";
import RecordingMark from "./RecordingMark.svelte";

const said = (change: Partial<Meeting>): string =>
  render(RecordingMark, { meeting: { ...BLANK, phase: "open", ...change } }).container.textContent?.trim() ?? "";

test("everybody is told that the meeting is recorded, that it pauses, and nothing otherwise", () => {
  expect(said({ recording: "on" })).toBe("Đang ghi hình");
  expect(said({ recording: "paused" })).toBe("Tạm dừng ghi hình");
  expect(said({ recording: "on", phase: "break" })).toBe("Tạm dừng ghi hình");
  expect(said({ recording: "" })).toBe("");
  expect(said({ recording: "on", phase: "closed" })).toBe("");
});
