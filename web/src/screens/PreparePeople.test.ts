import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { meeting, member, withMembers } from "../deskexample";
import type { Command } from "../wire/types";
import PreparePeople from "./PreparePeople.svelte";

// jsdom knows the element and not its methods.
beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

/** The server, as far as guests' accounts go. */
let accounts: string[] = [];
beforeEach(() => {
  accounts = [];
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify({ accounts }))));
});
afterEach(() => vi.unstubAllGlobals());

async function takesBack(phase: "draft" | "published" | "open"): Promise<Command[]> {
  const sent: Command[] = [];
  const act = (command: Command): Promise<boolean> => Promise.resolve(sent.push(command) > 0);
  render(PreparePeople, { meeting: meeting({ phase }), act });
  await fireEvent.click(screen.getByRole("button", { name: "Xóa Người b khỏi danh sách" }));
  await fireEvent.click(await screen.findByRole("button", { name: "Xóa khỏi danh sách" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  return sent;
}

test("in a draft somebody is only taken off the list", async () => {
  expect(await takesBack("draft")).toEqual([{ type: "member.remove", person: "b" }]);
});

test.each(["published", "open"] as const)("in a meeting that is %s an invitation is taken back", async (phase) => {
  expect(await takesBack(phase)).toEqual([{ type: "member.revoke", person: "b" }]);
});

test("whoever chairs an open meeting cannot be taken back", () => {
  const now = meeting({ phase: "open" });
  render(PreparePeople, { meeting: now, act: () => Promise.resolve(true) });
  const chair = now.members[now.chair]?.name ?? "";
  expect(chair).not.toBe("");
  expect(screen.queryByRole("button", { name: `Xóa ${chair} khỏi danh sách` })).toBeNull();
});

test("only guests without an account are offered a code", async () => {
  accounts = ["co"];
  const guest = { roles: ["guest"], mandate: false } as const;
  const members = withMembers(member("a"), member("co", guest), member("khong", guest));
  render(PreparePeople, { meeting: meeting(members), act: () => Promise.resolve(true) });
  await waitFor(() => expect(screen.queryByRole("button", { name: "Đường dẫn vào họp: Người co" })).toBeNull());
  expect(screen.getByRole("button", { name: "Đường dẫn vào họp: Người khong" })).toBeTruthy();
  expect(screen.getAllByText("Vào họp bằng tài khoản của mình, không cần mã")).toHaveLength(1);
});

test("what the server refuses does not stay chosen", async () => {
  const members = withMembers(member("a", { roles: ["secretary"], mandate: false }));
  render(PreparePeople, { meeting: meeting(members), act: () => Promise.resolve(false) });
  const part: HTMLSelectElement = screen.getByLabelText("Tư cách dự họp: Người a");
  await fireEvent.change(part, { target: { value: "delegate" } });
  await waitFor(() => expect(part.value).toBe("secretary"));
});
