import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import type { RosterRow } from "../core/roster";
import { Attempt } from "../state/attempt.svelte";
import AdminImport from "./AdminImport.svelte";

afterEach(() => vi.unstubAllGlobals());

const row = (number: number, what: RosterRow["what"], more: Partial<RosterRow> = {}): RosterRow => ({
  number,
  what,
  name: `Người ${number}`,
  title: "Chuyên viên",
  unit: "Sở Y tế",
  username: "",
  opens: false,
  changes: {},
  wrong: [],
  ...more,
});
const GOOD = [
  row(2, "create", { opens: true, username: "an.syt" }),
  row(3, "change", { changes: { title: ["Chuyên viên", "Trưởng phòng"] } }),
  row(4, "same"),
];
const WRONG = row(5, "wrong", { wrong: [{ code: "roster.unit_unknown", details: { unit: "Sở Mỏ" } }] });

/** A house that answers a preview with these rows and keeps them; what was asked. */
function house(...rows: RosterRow[]): string[] {
  const asked: string[] = [];
  const passwords = [{ name: "Người 2", unit: "Sở Y tế", username: "an.syt", password: "abcd-efgh-jkmn" }];
  vi.stubGlobal("fetch", async (path: string, { body }: RequestInit) => {
    asked.push(`${path} ${body instanceof Blob ? "file" : String(body)}`);
    if (/roster(\?|$)/.test(path)) return Response.json({ rows, unread: ["Ghi chú"], digest: "d".repeat(64) });
    return Response.json({ created: 1, changed: 1, passwords }, { status: 201 });
  });
  return asked;
}
async function shown(): Promise<string[]> {
  const told: string[] = [];
  const { container } = render(AdminImport, {
    units: [],
    attempt: new Attempt(),
    ontold: (text: string) => told.push(text),
    onback: () => told.push("back"),
  });
  const files = [new File(["x"], "danh-sach.xlsx")];
  await fireEvent.change(container.querySelector("input")!, { target: { files } });
  await screen.findByText(/danh-sach\.xlsx: \d dòng/);
  return told;
}

test("what a file would change is shown, and only then written, as it was seen", async () => {
  const asked = house(...GOOD);
  const told = await shown();
  expect(screen.getByText("Chức vụ: Chuyên viên → Trưởng phòng")).toBeTruthy();
  expect(screen.getByText("Các cột không được đọc: Ghi chú.")).toBeTruthy();
  expect(asked).toEqual(["/api/administration/roster file"]);
  await fireEvent.click(screen.getByRole("button", { name: "Ghi 2 người" }));
  await screen.findByText("abcd-efgh-jkmn");
  expect(asked[1]).toBe(`/api/administration/roster/${"d".repeat(64)} file`);
  await fireEvent.click(screen.getByText("Đã ghi lại, đóng"));
  await waitFor(() => expect(told).toEqual(["Thêm 1 người, sửa 1 người.", "back"]));
});

test("accounts for everybody are previewed before they are opened", async () => {
  const asked = house(...GOOD);
  await shown();
  await fireEvent.click(screen.getByRole("switch"));
  await waitFor(() => expect(asked[1]).toBe("/api/administration/roster?accounts=all file"));
  await fireEvent.click(await screen.findByRole("button", { name: "Ghi 2 người" }));
  await waitFor(() => expect(asked[2]).toBe(`/api/administration/roster/${"d".repeat(64)}?accounts=all file`));
});

test("who gets an account is not changed any more while the list is being written", async () => {
  const asked = house(...GOOD);
  await shown();
  let answer = (_: Response): void => {};
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => (answer = resolve)));
  await fireEvent.click(screen.getByRole("button", { name: "Ghi 2 người" }));
  const accounts = screen.getByRole("switch");
  await fireEvent.click(accounts);
  expect([accounts.ariaChecked, accounts.ariaDisabled]).toEqual(["false", "true"]);
  answer(Response.json({ created: 1, changed: 1, passwords: [] }, { status: 201 }));
  await waitFor(() => expect(accounts.ariaDisabled).not.toBe("true"));
  expect(asked).toHaveLength(1);
});

test("a file chosen while the screen asks for something else is read all the same", async () => {
  house(...GOOD);
  const attempt = new Attempt();
  const { container } = render(AdminImport, { units: [], attempt, ontold: () => {}, onback: () => {} });
  void attempt.run(() => new Promise(() => {}));
  const files = [new File(["x"], "danh-sach.xlsx")];
  await fireEvent.change(container.querySelector("input")!, { target: { files } });
  expect(await screen.findByText(/danh-sach\.xlsx: 3 dòng/)).toBeTruthy();
});

test("with one wrong row nothing can be written, and it is said why and first", async () => {
  const asked = house(...GOOD, WRONG);
  await shown();
  expect(screen.getAllByRole("listitem")[0]!.textContent).toContain("Không có đơn vị “Sở Mỏ”.");
  await fireEvent.click(screen.getByRole("button", { name: /Sửa 1 dòng chưa đúng/ }));
  expect(asked).toHaveLength(1);
});
