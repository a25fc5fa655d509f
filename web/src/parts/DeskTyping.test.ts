import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeAll, expect, test } from "vitest";
import { item, meeting, member, withMembers } from "../deskexample";
import type { Site } from "../wire/types";
import AttendanceRecord from "./AttendanceRecord.svelte";
import DeskConclusion from "./DeskConclusion.svelte";
import DeskNotice from "./DeskNotice.svelte";
import PrepareRegister from "./PrepareRegister.svelte";
import PrepareSiteForm from "./PrepareSiteForm.svelte";

// Others go on with the meeting while somebody types into one of its dialogs.

beforeAll(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

const act = (): Promise<boolean> => Promise.resolve(true);
const onclose = (): void => undefined;
const write = (label: string | RegExp, value: string): Promise<boolean> =>
  fireEvent.input(screen.getByLabelText(label), { target: { value } });
const typed = (label: string | RegExp): string => screen.getByLabelText<HTMLInputElement>(label).value;

test("a notice that is being typed outlives a page turn", async () => {
  const props = { open: true, act, onclose };
  const { rerender } = render(DeskNotice, { ...props, meeting: meeting({ notice: "Cũ" }) });
  expect(typed("Nội dung thông báo")).toBe("Cũ");
  await write("Nội dung thông báo", "Nghỉ 10 phút");
  await rerender({ ...props, meeting: meeting({ notice: "Cũ", shown: null }) });
  expect(typed("Nội dung thông báo")).toBe("Nghỉ 10 phút");
});

test("a reason for an absence that is being typed outlives what happens meanwhile", async () => {
  const absent = { ...member("b").attendance, state: "absent", excused: true, reason: "" } as const;
  const props = { act, onclose, onsubstitute: onclose };
  const now = (): ReturnType<typeof meeting> => meeting(withMembers(member("a"), member("b", { attendance: absent })));
  const first = now();
  const { rerender } = render(AttendanceRecord, { ...props, meeting: first, member: first.members["b"]! });
  await write("Lý do", "Đi công tác");
  const later = now();
  await rerender({ ...props, meeting: later, member: later.members["b"]! });
  expect(typed("Lý do")).toBe("Đi công tác");
});

test("a site that is being typed outlives the tree's arrival and another preparer's change", async () => {
  let arrive: (units: []) => void = () => undefined;
  const units = (): Promise<[]> => new Promise((resolve) => (arrive = resolve));
  const props = { site: "new", units, act, onclose } as const;
  const { rerender } = render(PrepareSiteForm, { ...props, meeting: meeting() });
  await write("Tên điểm cầu", "Trạm y tế Nậm Sin");
  arrive([]);
  await Promise.resolve();
  const main = { id: "x", name: "X", short: "X", order: 9, main: false } as Site;
  await rerender({ ...props, meeting: meeting({ sites: { x: main } }) });
  expect(typed("Tên điểm cầu")).toBe("Trạm y tế Nậm Sin");
});

test("a conclusion that is being worded stays with its item when the meeting goes on", async () => {
  const items = [item("i1", { conclusion: "Đã thống nhất" }), item("i2")];
  const props = { act, onclose };
  const { rerender } = render(DeskConclusion, { ...props, meeting: meeting({ items }), item: items[1]! });
  await write("Kết luận", "Thống nhất giao Sở Tài chính");
  await rerender({ ...props, meeting: meeting({ items }), item: items[0]! });
  expect(typed("Kết luận")).toBe("Thống nhất giao Sở Tài chính");
  expect(typed("Nội dung")).toBe("i2");
  await fireEvent.change(screen.getByLabelText("Nội dung"), { target: { value: "i1" } });
  expect(typed("Kết luận")).toBe("Thống nhất giao Sở Tài chính");
});

test("a register that cannot be asked is not said to be exhausted", async () => {
  const sites = (): Promise<never> => Promise.reject(new Error("no network"));
  render(PrepareRegister, { meeting: meeting(), open: true, sites, act, onclose });
  expect(await screen.findByText("Chưa đọc được danh mục vì mất kết nối")).toBeTruthy();
  expect(screen.queryByText(/đã có trong cuộc họp/)).toBeNull();
});
