import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import type { UnitRow } from "../core/roster";
import { Attempt } from "../state/attempt.svelte";
import AdminImportUnits from "./AdminImportUnits.svelte";

afterEach(() => vi.unstubAllGlobals());

const row = (number: number, what: UnitRow["what"], name: string, more: Partial<UnitRow> = {}): UnitRow => ({
  number,
  what,
  name,
  code: "",
  kind: "department",
  parent: "UBND tỉnh",
  namesake: "",
  changes: {},
  wrong: [],
  ...more,
});
const GOOD = [
  row(2, "create", "Văn phòng", { parent: "Sở Mỏ", namesake: "Sở Y tế" }),
  row(3, "change", "Sở Y tế", { code: "so-yt", changes: { parent: ["UBND tỉnh", "Tỉnh Lam Giang"] } }),
  row(4, "same", "Tỉnh Lam Giang", { code: "tinh", kind: "province", parent: "" }),
];
const WRONG = row(5, "wrong", "Phòng Một", {
  parent: "Sở Đá",
  wrong: [{ code: "units.parent_unknown", details: { unit: "Sở Đá" } }],
});

/** A house that answers a preview with these rows and keeps them; what was asked. */
function house(...rows: UnitRow[]): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    if (path.endsWith("unit-list")) return Response.json({ rows, unread: [], digest: "d".repeat(64) });
    return Response.json({ created: 1, changed: 1 }, { status: 201 });
  });
  return asked;
}
async function shown(): Promise<string[]> {
  const told: string[] = [];
  const { container } = render(AdminImportUnits, {
    units: [],
    attempt: new Attempt(),
    onchanged: async () => void told.push("changed"),
    ontold: (text: string) => told.push(text),
    onback: () => told.push("back"),
  });
  const files = [new File(["x"], "don-vi.xlsx")];
  await fireEvent.change(container.querySelector("input")!, { target: { files } });
  await screen.findByText(/don-vi\.xlsx: \d dòng/);
  return told;
}

test("what a list of units would change is shown with the units above, and only then written", async () => {
  const asked = house(...GOOD);
  const told = await shown();
  expect(screen.getByText("Sở, ban, ngành · Trực thuộc Sở Mỏ")).toBeTruthy();
  expect(screen.getByText(/Đã có đơn vị cùng tên trực thuộc “Sở Y tế”/)).toBeTruthy();
  expect(screen.getByText("Trực thuộc: UBND tỉnh → Tỉnh Lam Giang")).toBeTruthy();
  expect(screen.getByText("Tỉnh, thành phố · Cấp trên cùng · Mã tinh")).toBeTruthy();
  expect(asked).toEqual(["/api/administration/unit-list"]);
  await fireEvent.click(screen.getByRole("button", { name: "Ghi 2 đơn vị" }));
  await waitFor(() => expect(told).toEqual(["Thêm 1 đơn vị, sửa 1 đơn vị.", "back", "changed"]));
  expect(asked[1]).toBe(`/api/administration/unit-list/${"d".repeat(64)}`);
});

test("with one wrong row no unit is written, and the row says why", async () => {
  const asked = house(...GOOD, WRONG);
  await shown();
  expect(screen.getAllByRole("listitem")[0]!.textContent).toContain("Cột Trực thuộc: không có đơn vị “Sở Đá”.");
  await fireEvent.click(screen.getByRole("button", { name: /Sửa 1 dòng chưa đúng/ }));
  expect(asked).toHaveLength(1);
});
