import { fireEvent, render, screen } from "@testing-library/svelte";
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

test("a ballot paper that lies open goes with its ballot, and with what was asked about it", async () => {
  const voted: unknown[] = [];
  const now = (id: string) => {
    const open = ballot(id, { method: "secret", state: "open", electorate: { a: "a" } });
    const onvote = (...vote: unknown[]): Promise<unknown> => Promise.resolve(voted.push(vote));
    return { meeting: meeting(withBallots(open)), ballot: open, me: "a", cast: {}, onvote };
  };
  const { rerender } = render(DeskOwnVote, now("v1"));
  await fireEvent.click(screen.getByRole("button", { name: "Bỏ phiếu" }));
  await fireEvent.click(screen.getByRole("radio", { name: "Tán thành" }));
  await fireEvent.click(screen.getByRole("button", { name: "Bỏ phiếu kín…" }));
  await rerender(now("v2"));
  expect(screen.queryByRole("button", { name: "Bỏ phiếu, không đổi nữa" })).toBeNull();
  expect(screen.queryByRole("radio")).toBeNull();
  expect(voted).toEqual([]);
});
