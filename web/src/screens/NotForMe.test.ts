import { render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import NotForMe from "./NotForMe.svelte";

test("a screen that is not for me is a screen all the same: one heading in its main part, the reason, the way out", () => {
  render(NotForMe, { why: "Cuộc họp này có thành phần riêng." });
  const main = screen.getByRole("main");
  expect(main.contains(screen.getByRole("heading", { level: 1 }))).toBe(true);
  expect(main.textContent).toContain("Cuộc họp này có thành phần riêng.");
  expect(main.contains(screen.getByRole("button"))).toBe(true);
});
