import { fireEvent, render, screen } from "@testing-library/svelte";
import { type Component, createRawSnippet, flushSync, mount, unmount } from "svelte";
import { beforeAll, expect, test } from "vitest";
import { ballot, item, meeting, member, paper, site, withMembers } from "../deskexample";
import { Live } from "../standingexample.svelte";
import Dialog from "../ui/Dialog.svelte";
import SidePanel from "../ui/SidePanel.svelte";
import type { Meeting, Site } from "../wire/types";
import AttendanceRecord from "./AttendanceRecord.svelte";
import DeskBallotPlan from "./DeskBallotPlan.svelte";
import DeskConclusion from "./DeskConclusion.svelte";
import DeskCounted from "./DeskCounted.svelte";
import DeskEnter from "./DeskEnter.svelte";
import DeskNotice from "./DeskNotice.svelte";
import DeskReaders from "./DeskReaders.svelte";
import PrepareGuestItems from "./PrepareGuestItems.svelte";
import PrepareItemForm from "./PrepareItemForm.svelte";
import PreparePaperForm from "./PreparePaperForm.svelte";
import PrepareRegister from "./PrepareRegister.svelte";
import PrepareSiteForm from "./PrepareSiteForm.svelte";
import SiteVoice from "./SiteVoice.svelte";

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

/** The parts with what they are about, as the meeting says it anew with each event. */
const FORMS: [string, string | RegExp, Component<never>, () => object][] = [
  ["a telephone number", "Số điện thoại", SiteVoice, () => ({ site: site("s") })],
  ["a question", "Nội dung biểu quyết", DeskBallotPlan, () => ({ item: item("i2") })],
  ["a count", "Tán thành", DeskCounted, () => ({ ballot: ballot("v", { method: "hands" }) })],
  ["the reason of a late result", /^Lý do/, DeskEnter, () => ({ ballot: ballot("v"), now: () => 1 })],
  ["an item", "Tên đầy đủ", PrepareItemForm, () => ({ item: item("i2") })],
  ["a paper", "Tên tài liệu", PreparePaperForm, () => ({ paper: paper("p", "i2"), onsave: act })],
];

test.each(FORMS)("%s that is being typed outlives what happens meanwhile", async (_, label, form, about) => {
  const now = (): object => ({ act, onclose, meeting: meeting(), ...about() });
  const { rerender } = render(form as Component<object>, now());
  await write(label, "17");
  await rerender(now());
  expect(typed(label)).toBe("17");
});

test("the items chosen for a guest outlive what happens meanwhile", async () => {
  const now = (): object => ({ act, onclose, meeting: meeting(), guest: member("khach", { only_items: ["i1"] }) });
  const { rerender } = render(PrepareGuestItems, now() as never);
  await fireEvent.click(screen.getByLabelText(/Nội dung i3/));
  await rerender(now() as never);
  expect(screen.getByLabelText<HTMLInputElement>(/Nội dung i3/).checked).toBe(true);
});

/** A part that hangs on a meeting which goes on. */
function shown(
  part: Component<never>,
  props: (live: Live) => object,
): { goes: (now: Meeting) => void; end: () => void } {
  const live = new Live(meeting());
  const there = mount(part, { target: document.body, props: props(live) as never });
  flushSync();
  const goes = (now: Meeting): void => flushSync(() => void (live.meeting = now));
  return { goes, end: () => void unmount(there) };
}
const field = createRawSnippet(() => ({ render: () => "<label>Ghi chú<input></label>" }));
const panel = (live: Live): object => ({
  get open() {
    return live.meeting.phase === "open";
  },
  title: "Bảng",
  narrow: false,
  children: field,
  onclose,
});

test("whoever types in a panel keeps the focus while the meeting goes on", () => {
  const { goes, end } = shown(SidePanel, panel);
  screen.getByLabelText("Ghi chú").focus();
  goes(meeting());
  expect(document.activeElement).toBe(screen.getByLabelText("Ghi chú"));
  end();
});

test("a tap beside a dialog throws away nothing that was typed before the meeting went on", async () => {
  let closed = 0;
  const { goes, end } = shown(Dialog, (live) => ({
    get open() {
      return live.meeting.phase === "open";
    },
    title: "Hộp",
    children: field,
    onclose: () => void (closed += 1),
  }));
  await write("Ghi chú", "17");
  goes(meeting());
  await fireEvent.pointerDown(screen.getByRole("dialog"));
  expect(closed).toBe(0);
  end();
});

test("who has read is asked for when there is news of it, not with every event", () => {
  let asked = 0;
  const running = meeting({ papers: { p: paper("p", "i1") } });
  const { goes, end } = shown(DeskReaders, (live) => ({
    meeting: running,
    open: true,
    get news() {
      return live.meeting.notice;
    },
    ask: () => Promise.resolve(((asked += 1), [])),
    onclose,
  }));
  goes(meeting());
  expect(asked).toBe(1);
  goes(meeting({ notice: "Mới" }));
  expect(asked).toBe(2);
  end();
});
