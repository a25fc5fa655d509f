import { render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { ballot, meeting, withBallots } from "../deskexample";
import DeskOwnVote from "./DeskOwnVote.svelte";

test("the chair's own vote says that it is on its way, and which", async () => {
  const open = ballot("v", { state: "open", electorate: { a: "a" } });
  const props = {
    meeting: meeting(withBallots(open)),
    ballot: open,
    me: "a",
    cast: {},
    onvote: () => Promise.resolve(),
  };
  const { rerender } = render(DeskOwnVote, { ...props, casting: { a: "agree" } });
  expect(screen.getByRole("status").textContent).toMatch(/^Đang gửi/);
  expect(screen.getByRole("radio", { name: "Tán thành" }).getAttribute("aria-checked")).toBe("true");
  await rerender({ ...props, casting: {}, cast: { a: "agree" } });
  expect(screen.getByRole("status").textContent).toBe("");
});
