import { render } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { paper } from "../deskexample";
import RoomRights from "./RoomRights.svelte";

test("the browser prints no page of a paper that is kept back", async () => {
  const printed = (): boolean => !document.body.classList.contains("unprinted");
  const { rerender, unmount } = render(RoomRights, { paper: paper("p", "i1", { screen_only: true }) });
  expect(printed()).toBe(false);
  await rerender({ paper: paper("q", "i1") });
  expect(printed()).toBe(true);
  await rerender({ paper: paper("r", "i1", { readers: "named", named: ["b"] }) });
  expect(printed()).toBe(false);
  unmount();
  expect(printed()).toBe(true);
});
