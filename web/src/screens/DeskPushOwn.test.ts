import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Me, session } from "../state/session.svelte";
import DeskPushOwn from "./DeskPushOwn.svelte";

const paper = {
  id: "p1",
  name: "Ghi chép.docx",
  state: "ready",
  code: "",
  details: {},
  version: { id: "v1", sizes: [[595, 842]], rendered: 1, broken: 0 },
};
let original: () => Response;

beforeEach(() => {
  session.me = { person: "thao", only_meeting: "" } as Me;
  original = () => new Response("x");
  vi.stubGlobal("caches", { has: async () => false, open: async () => ({}), delete: async () => true });
  vi.stubGlobal("fetch", async (path: string) => {
    if (path === "/api/papers/p1/original") return original();
    if (path !== "/api/folder") throw new TypeError("offline");
    return Response.json({ papers: [paper], octets: 1, most_papers: 200, most_octets: 1 << 30 });
  });
});
afterEach(() => {
  session.me = undefined;
  vi.unstubAllGlobals();
});

test("a paper of one's own is taken as the file it was sent as, and brought in like any other", async () => {
  const onfile = vi.fn();
  render(DeskPushOwn, { open: true, onfile });
  const choice = await screen.findByRole("combobox", { name: "Chọn từ tài liệu của tôi" });
  await fireEvent.change(choice, { target: { value: "p1" } });
  await vi.waitFor(() => expect(onfile).toHaveBeenCalled());
  expect((onfile.mock.calls[0]![0] as File).name).toBe("Ghi chép.docx");
});

test("a paper that cannot be had is said, and nothing is brought in", async () => {
  original = () => new Response("", { status: 404 });
  const onfile = vi.fn();
  render(DeskPushOwn, { open: true, onfile });
  const choice = await screen.findByRole("combobox", { name: "Chọn từ tài liệu của tôi" });
  await fireEvent.change(choice, { target: { value: "p1" } });
  expect((await screen.findByRole("alert")).textContent).not.toBe("");
  expect(onfile).not.toHaveBeenCalled();
});
