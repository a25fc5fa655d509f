import { fireEvent, render, screen } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { expect, test } from "vitest";
import { help } from "../state/help.svelte";
import Help from "./Help.svelte";

test("what is looked for in the guide stays while the meeting goes on", async () => {
  help.roles = ["delegate"];
  help.open = true;
  render(Help);
  await fireEvent.input(screen.getByRole("searchbox"), { target: { value: "biểu quyết" } });
  flushSync(() => void (help.roles = ["delegate"]));
  expect(screen.getByRole<HTMLInputElement>("searchbox").value).toBe("biểu quyết");
  help.open = false;
});
