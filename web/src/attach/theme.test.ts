import { afterEach, expect, it } from "vitest";
import { applyTheme, theme, turnTheme } from "./theme";

afterEach(() => {
  localStorage.clear();
  applyTheme();
});

it("is light until somebody turns it, and stays on this device", () => {
  expect(theme()).toBe("light");
  expect(turnTheme()).toBe("dark");
  document.documentElement.className = "";
  applyTheme();
  expect(document.documentElement.className).toBe("dark");
  expect(turnTheme()).toBe("light");
  expect(document.documentElement.className).toBe("");
});
