import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import AccountPassword from "./AccountPassword.svelte";

afterEach(() => vi.unstubAllGlobals());

/** The house answers with these refusals, one after the other, and then agrees. */
function house(...codes: string[]): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string, { body }: RequestInit) => {
    asked.push(`${path} ${String(body)}`);
    const code = codes.shift();
    if (code === undefined) return Response.json({ ok: true });
    return Response.json({ ok: false, code, details: { least: 12 }, now: 1 }, { status: 400 });
  });
  return asked;
}
const field = (label: string): HTMLInputElement => screen.getByLabelText(label);
const press = (): Promise<boolean> => fireEvent.click(screen.getByRole("button", { name: "Đổi mật khẩu" }));
const type = (label: string, value: string): Promise<boolean> => fireEvent.input(field(label), { target: { value } });

test("what is missing is said at its field, and nothing is asked", async () => {
  const asked = house();
  render(AccountPassword, { ontold: () => undefined });
  await type("Nhập lại mật khẩu mới", "một hai ba bốn");
  await press();
  for (const said of ["Nhập mật khẩu.", "Nhập mật khẩu mới.", "Hai lần nhập chưa giống nhau."])
    expect(screen.getByText(said)).toBeTruthy();
  expect(asked).toEqual([]);
});

test("a wrong password is said at the old one, a weak one at the new one; then all is empty again", async () => {
  const asked = house("password.wrong", "password.common");
  const told: string[] = [];
  render(AccountPassword, { ontold: (text: string) => told.push(text) });
  const wrong = (): (string | null)[] =>
    ["Mật khẩu hiện tại", "Mật khẩu mới"].map((label) => field(label).getAttribute("aria-invalid"));
  await type("Mật khẩu hiện tại", "cũ");
  await type("Mật khẩu mới", "một hai ba bốn");
  await type("Nhập lại mật khẩu mới", "một hai ba bốn");
  await press();
  await waitFor(() => expect(wrong()).toEqual(["true", null]));
  await press();
  await waitFor(() => expect(wrong()).toEqual([null, "true"]));
  await press();
  await waitFor(() => expect(told).toHaveLength(1));
  expect(asked).toHaveLength(3);
  await waitFor(() => expect(field("Mật khẩu hiện tại").value).toBe(""));
  expect(field("Mật khẩu mới").value).toBe("");
  expect(wrong()).toEqual([null, null]);
});
