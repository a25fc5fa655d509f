import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, expect, it } from "vitest";
import { place } from "../place.svelte";
import { session } from "../state/session.svelte";
import SignIn from "./SignIn.svelte";

const ME = { person: "p", session: "s", name: "Đỗ Minh Tuấn", title: "", unit: "ubnd", unit_name: "UBND tỉnh" };
const DONE = { step: "done", me: { ...ME, offices: [], only_meeting: "", second_factor: false, now: 0 } };
const REFUSED = { ok: false, code: "signin.refused", details: {} };

const sent: Record<string, unknown>[] = [];
let answers: [number, unknown][] = [];
const realFetch = globalThis.fetch;

beforeEach(() => {
  localStorage.clear();
  session.keepUnit(null);
  session.me = undefined;
  sent.length = 0;
  place.go("/dang-nhap");
  // jsdom has no dialogs of its own.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  // The edge of the page: the network.
  globalThis.fetch = async (path, init) => {
    if (init?.method === "GET") return Response.json({ host: "UBND tỉnh Lam Giang", help_phone: "0237 000 0100" });
    sent.push({ path: String(path), ...(JSON.parse(String(init?.body)) as object) });
    const [status, content] = answers.shift() ?? [500, {}];
    return Response.json(content, { status });
  };
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});

/** Type into the one field on screen and press the button. */
async function answer(label: string, text: string): Promise<void> {
  const field = await screen.findByLabelText<HTMLInputElement>(label);
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await tick();
  field.form?.requestSubmit();
  await tick();
}

it("asks for one thing at a time and sends nothing before the password", async () => {
  answers = [[200, DONE]];
  render(SignIn);
  expect(screen.queryByLabelText("Mật khẩu")).toBeNull();
  await answer("Tên đăng nhập", "tuandm.ubnd");
  expect(sent).toEqual([]);
  await answer("Mật khẩu", "sông Mã");
  await waitFor(() => expect(place.path).toBe("/"));
  expect(sent).toEqual([{ path: "/api/session", username: "tuandm.ubnd", password: "sông Mã", unit: "" }]);
});

it("says in one sentence that it was refused and lets the password be typed again", async () => {
  answers = [[401, REFUSED]];
  render(SignIn);
  await answer("Tên đăng nhập", "tuandm.ubnd");
  await answer("Mật khẩu", "sai");
  expect((await screen.findByRole("alert")).textContent).toContain("Tên đăng nhập hoặc mật khẩu chưa đúng.");
  expect(screen.getByLabelText("Mật khẩu")).toBeTruthy();
});

it("asks for what is missing instead of sending it", async () => {
  render(SignIn);
  await answer("Tên đăng nhập", "  ");
  expect((await screen.findByRole("alert")).textContent).toContain("Nhập tên đăng nhập.");
  expect(sent).toEqual([]);
});

it("goes on with the code when the server wants one", async () => {
  answers = [
    [200, { step: "code", offer: null }],
    [200, DONE],
  ];
  render(SignIn);
  await answer("Tên đăng nhập", "tuandm.ubnd");
  await answer("Mật khẩu", "sông Mã");
  await answer("Mã xác thực", "123456");
  await waitFor(() => expect(place.path).toBe("/"));
  expect(sent[1]).toMatchObject({ username: "tuandm.ubnd", password: "sông Mã", code: "123456" });
});

it("shows a second factor to take over as a picture and as a key", async () => {
  answers = [[200, { step: "enrol", offer: { secret: "ABCDEFGHIJKL", qr: "<svg/>" } }]];
  render(SignIn);
  await answer("Tên đăng nhập", "tuandm.ubnd");
  await answer("Mật khẩu", "sông Mã");
  expect((await screen.findByText("ABCD EFGH IJKL")).tagName).toBe("CODE");
  expect(screen.getByAltText<HTMLImageElement>("Hình mã để quét bằng ứng dụng xác thực").src).toContain(
    "data:image/svg",
  );
});

it("has a password handed over replaced by one typed twice", async () => {
  answers = [
    [200, { step: "change", offer: null }],
    [200, DONE],
  ];
  render(SignIn);
  await answer("Tên đăng nhập", "tuandm.ubnd");
  await answer("Mật khẩu", "tạm thời");
  await answer("Mật khẩu mới", "cầu Hàm Rồng");
  expect((await screen.findByRole("alert")).textContent).toContain("Hai lần nhập chưa giống nhau.");
  await answer("Nhập lại mật khẩu mới", "cầu Hàm Rồng");
  await waitFor(() => expect(place.path).toBe("/"));
  expect(sent[1]).toMatchObject({ password: "tạm thời", new_password: "cầu Hàm Rồng" });
});

it("takes a guest's code out of the address bar before it uses it", async () => {
  answers = [[200, { me: { ...DONE.me, only_meeting: "m1", offices: ["guest"] } }]];
  place.go("/dang-nhap#7K3F-9QXM-2HTA-P4VN");
  render(SignIn);
  await waitFor(() => expect(place.path).toBe("/hop/m1"));
  expect(sent).toEqual([{ path: "/api/enter", code: "7K3F-9QXM-2HTA-P4VN" }]);
});

it("greets with the name of the house and says whom to call", async () => {
  render(SignIn);
  expect(await screen.findByText("UBND tỉnh Lam Giang")).toBeTruthy();
  expect((await screen.findByText("0237 000 0100")).getAttribute("href")).toBe("tel:02370000100");
});
