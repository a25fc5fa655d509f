import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { BLANK } from "../core/blankmeeting";
import { place } from "../place.svelte";
import { session } from "../state/session.svelte";
import CheckIn from "./CheckIn.svelte";

afterEach(() => vi.unstubAllGlobals());

const AT = Date.UTC(2026, 10, 22, 1, 12);

/** A server that knows who is signed in (nobody: "") and who is invited; what was sent to it. */
function server(person: string, invited: readonly string[]): string[] {
  const sent: string[] = [];
  let attendance = { state: "expected", since: 0 };
  const answer = (body: unknown, status = 200) =>
    new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  vi.stubGlobal("fetch", async (path: string, { body }: RequestInit = {}) => {
    if (path === "/api/me")
      return person ? answer({ person, name: "Lò Thị A" }) : answer({ ok: false, code: "session.none" }, 401);
    if (typeof body === "string") {
      sent.push(JSON.stringify((JSON.parse(body) as { command: unknown }).command));
      attendance = { state: "room", since: AT };
      return answer({ ok: true, now: AT, version: 9 });
    }
    const members = Object.fromEntries(invited.map((one) => [one, { id: one, attendance }]));
    return answer({ version: 9, state: { ...BLANK, title: "Phiên họp", members } });
  });
  return sent;
}

test("whoever reads the code says with one tap that they are in the room, and sees since when", async () => {
  const sent = server("a", ["a"]);
  render(CheckIn, { meeting: "m1" });
  await fireEvent.click(await screen.findByRole("button", { name: "Tôi có mặt tại phòng họp" }));
  expect(await screen.findByText("Đã ghi nhận có mặt từ 08:12")).toBeTruthy();
  expect(sent).toEqual(['{"type":"attendance.arrive","place":"room","how":"qr"}']);
  expect(screen.queryByRole("button", { name: "Tôi có mặt tại phòng họp" })).toBeNull();
});

test("whoever was refused may try again: under the same id the same no would come back", async () => {
  server("a", ["a"]);
  const [willing, asked] = [fetch, [] as string[]];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    if (typeof init.body !== "string") return willing(path, init);
    const { id } = JSON.parse(init.body) as { id: string };
    asked.push(id);
    if (id !== asked[0]) return willing(path, init);
    const no = { ok: false, now: AT, code: "attendance.substituted" };
    return new Response(JSON.stringify(no), { status: 409, headers: { "Content-Type": "application/json" } });
  });
  render(CheckIn, { meeting: "m1" });
  const button = await screen.findByRole("button", { name: "Tôi có mặt tại phòng họp" });
  await fireEvent.click(button);
  expect(await screen.findByRole("alert")).toBeTruthy();
  await fireEvent.click(button);
  expect(await screen.findByText("Đã ghi nhận có mặt từ 08:12")).toBeTruthy();
});

test("whoever may see the meeting and is not invited is told whom to speak to", async () => {
  server("b", ["a"]);
  render(CheckIn, { meeting: "m1" });
  expect(await screen.findByText(/báo thư ký/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Tôi có mặt tại phòng họp" })).toBeNull();
});

test("whoever is not signed in goes to the door first, and comes back", async () => {
  server("", []);
  session.me = null;
  place.go("/diem-danh/m1");
  render(CheckIn, { meeting: "m1" });
  await waitFor(() => expect(place.path).toBe("/dang-nhap"));
});
