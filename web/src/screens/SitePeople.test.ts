import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { meeting, member, withMembers } from "../deskexample";
import type { Command } from "../wire/types";
import SiteHead from "./SiteHead.svelte";

const HERE = { ...member("x").attendance, state: "site", since: 1 } as const;

test("a site records by one tap who of it is there and who has left, and sees nobody else's people", async () => {
  const sent: Command[] = [];
  const act = (command: Command): Promise<boolean> => Promise.resolve(Boolean(sent.push(command)));
  const people = [
    member("a", { name: "Lò Văn Ánh", site: "tx", attendance: HERE }),
    member("b", { name: "Trần Đăng Quý", site: "tx" }),
    member("c", { name: "Phan Trọng Nghị", site: "khac" }),
    member("d", { name: "Vi Thị Mai", site: "tx", substituted_by: "b" }),
  ];
  render(SiteHead, { meeting: meeting(withMembers(...people)), site: "tx", offset: 0, act });
  await fireEvent.click(screen.getByRole("button", { name: "Có mặt 1/2" }));
  expect(screen.queryByText("Phan Trọng Nghị")).toBeNull();
  await fireEvent.click(screen.getByRole("button", { name: "Ghi Trần Đăng Quý có mặt" }));
  await fireEvent.click(screen.getByRole("button", { name: "Ghi Lò Văn Ánh đã về" }));
  expect(sent).toEqual([
    { type: "attendance.at_site", person: "b", there: true },
    { type: "attendance.at_site", person: "a", there: false },
  ]);
});

test("a site without people of its own, and one whose meeting is over, counts nobody", () => {
  const act = (): Promise<boolean> => Promise.resolve(true);
  const own = withMembers(member("a", { site: "tx" }));
  for (const now of [meeting(withMembers(member("a"))), meeting({ phase: "closed", ...own })]) {
    const { unmount } = render(SiteHead, { meeting: now, site: "tx", offset: 0, act });
    expect(screen.queryByRole("button", { name: /Có mặt/ })).toBeNull();
    unmount();
  }
});
