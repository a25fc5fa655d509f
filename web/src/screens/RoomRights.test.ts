import { render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { item, meeting, paper } from "../deskexample";
import RoomRights from "./RoomRights.svelte";

const standing = { meeting: meeting({ items: [item("i1")] }), below: false };

test("the browser prints no page of a paper that is kept back", async () => {
  const printed = (): boolean => !document.body.classList.contains("unprinted");
  const { rerender, unmount } = render(RoomRights, { ...standing, paper: paper("p", "i1", { screen_only: true }) });
  expect(printed()).toBe(false);
  await rerender({ ...standing, paper: paper("q", "i1") });
  expect(printed()).toBe(true);
  await rerender({ ...standing, paper: paper("r", "i1", { readers: "named", named: ["b"] }) });
  expect(printed()).toBe(false);
  unmount();
  expect(printed()).toBe(true);
});

test("over the page it is said who may read it; over one that is for everybody nothing is", async () => {
  const { rerender } = render(RoomRights, { ...standing, paper: paper("p", "i1", { readers: "members" }) });
  expect(screen.getByText("Chỉ thành viên")).toBeTruthy();
  expect(screen.getByText("Quyền đọc: Chỉ thành viên")).toBeTruthy();
  await rerender({ ...standing, paper: paper("q", "i1") });
  expect(screen.queryByText(/Quyền đọc/)).toBeNull();
});
