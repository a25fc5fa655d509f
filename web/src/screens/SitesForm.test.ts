import { fireEvent, render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import type { RegisteredSite, Unit } from "../core/prepare";
import SitesForm from "./SitesForm.svelte";

// jsdom knows the element and not its methods.
beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

afterEach(() => vi.unstubAllGlobals());

const units = [
  { id: "ubnd-xa-a", name: "UBND xã An Bình", short: "An Bình", parent: "", order: 1 },
  { id: "ubnd-xa-b", name: "UBND xã Bình Lư", short: "Bình Lư", parent: "", order: 2 },
] as unknown as Unit[];

function known(order: number): RegisteredSite {
  const words = { name: `Điểm cầu ${order}`, short: "", room: "", technician: "", technician_name: "", codec: "" };
  const lists = { telephones: [], equipment: [], spare_line: "" };
  return { id: `s${order}`, unit: "ubnd-xa-a", order, main: false, places: 0, retired: false, ...words, ...lists };
}

const label = (text: string) => screen.getByLabelText(text, { exact: false });

test("what is typed of a new site stays, whatever becomes known of the others meanwhile", async () => {
  const kept: RegisteredSite[] = [];
  const keep = (site: RegisteredSite): Promise<boolean> => Promise.resolve(kept.push(site) > 0);
  const props = { site: "new" as const, units, keep, onclose: () => undefined };
  const { rerender } = render(SitesForm, { ...props, sites: [known(1)] });
  await fireEvent.change(label("Đơn vị"), { target: { value: "ubnd-xa-b" } });
  expect(label("Tên điểm cầu")).toHaveProperty("value", "UBND xã Bình Lư");
  await fireEvent.input(label("Tên điểm cầu"), { target: { value: "Hội trường xã Bình Lư" } });
  await rerender({ ...props, units: [...units], sites: [known(1), known(2)] });
  await fireEvent.change(label("Đơn vị"), { target: { value: "ubnd-xa-a" } });
  expect(label("Tên điểm cầu")).toHaveProperty("value", "Hội trường xã Bình Lư");
  await fireEvent.click(screen.getByRole("button", { name: "Lưu" }));
  expect(kept).toMatchObject([{ unit: "ubnd-xa-a", name: "Hội trường xã Bình Lư", order: 2 }]);
});

test("another site that is opened is shown as it is kept", async () => {
  const props = { sites: [known(1), known(2)], units, keep: () => Promise.resolve(true), onclose: () => undefined };
  const { rerender } = render(SitesForm, { ...props, site: known(1) });
  await fireEvent.input(label("Tên điểm cầu"), { target: { value: "Dở dang" } });
  await rerender({ ...props, site: known(2) });
  expect(label("Tên điểm cầu")).toHaveProperty("value", "Điểm cầu 2");
});

test("the technician's account is chosen among the people of the house and goes with the name", async () => {
  const kept: RegisteredSite[] = [];
  const found = { id: "khanhhs.cds", name: "Hồ Sỹ Khánh", title: "Trưởng phòng", unit: "cds", unit_name: "CDS" };
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json([{ ...found, short: "CDS", precedence: 1 }])));
  const keep = (site: RegisteredSite): Promise<boolean> => Promise.resolve(kept.push(site) > 0);
  render(SitesForm, { site: known(1), sites: [known(1)], units, keep, onclose: () => undefined });
  await fireEvent.click(screen.getByRole("button", { name: "Chọn tài khoản…" }));
  await fireEvent.input(label("Tìm người"), { target: { value: "khanh" } });
  await fireEvent.click(await screen.findByRole("button", { name: "Chọn Hồ Sỹ Khánh" }));
  expect(screen.getByText("Tài khoản: khanhhs.cds")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Lưu" }));
  expect(kept).toMatchObject([{ technician: "khanhhs.cds", technician_name: "Hồ Sỹ Khánh" }]);
  await fireEvent.input(label("Người trực kỹ thuật"), { target: { value: "Phí Quang Minh" } });
  expect(screen.getByText("Chưa gắn tài khoản")).toBeTruthy();
});

test("the address of a codec is kept as it was written, and the form is read aloud whole", async () => {
  const kept: RegisteredSite[] = [];
  const keep = (site: RegisteredSite): Promise<boolean> => Promise.resolve(kept.push(site) > 0);
  render(SitesForm, { site: known(1), sites: [known(1)], units, keep, onclose: () => undefined });
  await fireEvent.input(label("Địa chỉ thiết bị hội nghị"), { target: { value: " phonghop@10.1.2.3 " } });
  expect((await axe.run(document.querySelector("dialog[open]") as HTMLElement)).violations).toEqual([]);
  await fireEvent.click(screen.getByRole("button", { name: "Lưu" }));
  expect(kept[0]?.codec.trim()).toBe("phonghop@10.1.2.3");
});
