import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeAll, expect, test } from "vitest";
import { item, meeting, member, paper, withMembers } from "../deskexample";
import { type Plan, attaching } from "../core/pushing";
import type { Reader } from "../core/readers";
import { pointAt } from "../core/pointing";
import type { Command } from "../wire/types";
import DeskNotice from "./DeskNotice.svelte";
import DeskPush from "./DeskPush.svelte";
import DeskReaders from "./DeskReaders.svelte";
import PointLayer from "./PointLayer.svelte";

beforeAll(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});
const nothing = (): void => undefined;
const ITEMS = [item("i1", { state: "current", short: "Kinh tế - xã hội" }), item("i2")];
const file = new File(["%PDF"], "Tờ_trình_số_8.docx");

test("a dropped file needs one tap: it is of the current item, for everybody, and shown at once", async () => {
  const plans: Plan[] = [];
  const on = { onfile: nothing, onstop: nothing, onshow: nothing, onclose: nothing };
  const props = {
    open: true,
    step: { at: "idle" } as const,
    onpush: (_: File, plan: Plan) => void plans.push(plan),
    ...on,
  };
  const { rerender } = render(DeskPush, { ...props, meeting: meeting({ phase: "open", items: ITEMS }), file: null });
  expect(screen.getByRole("button", { name: "Chọn tệp trước" })).toBeTruthy();
  await rerender({ ...props, meeting: meeting({ phase: "open", items: ITEMS }), file });
  expect(screen.getByLabelText<HTMLTextAreaElement>("Tên tài liệu").value).toBe("Tờ trình số 8");
  await fireEvent.click(screen.getByRole("button", { name: "Gửi, phát hành và trình chiếu" }));
  expect(plans).toEqual([
    { title: "Tờ trình số 8", replaces: null, item: "i1", readers: "all", screenOnly: false, present: true },
  ]);
});

test("a paper that is brought in now may be for the screen only from its first moment", async () => {
  const plans: Plan[] = [];
  const on = { onfile: nothing, onstop: nothing, onshow: nothing, onclose: nothing };
  const onpush = (_: File, plan: Plan): void => void plans.push(plan);
  const running = meeting({ phase: "open", items: ITEMS });
  render(DeskPush, { open: true, step: { at: "idle" }, meeting: running, file, onpush, ...on });
  await fireEvent.click(screen.getByRole("switch", { name: "Không cho tải về, không cho in" }));
  await fireEvent.click(screen.getByRole("button", { name: "Gửi, phát hành và trình chiếu" }));
  expect(plans).toMatchObject([{ screenOnly: true, present: true }]);
  expect(attaching(plans[0]!, "p")).toMatchObject({ type: "paper.attach", screen_only: true });
});

test("a newer version is offered for the paper on screen first", async () => {
  const plans: Plan[] = [];
  const on = { onfile: nothing, onstop: nothing, onshow: nothing, onclose: nothing };
  const papers = { p: paper("p", "i1"), q: paper("q", "i1") };
  const shown = { paper: "q", page: 1, x: 0, y: 0, width: 10_000 };
  const running = meeting({ phase: "open", items: ITEMS, papers, shown });
  const onpush = (_: File, plan: Plan): void => void plans.push(plan);
  render(DeskPush, { open: true, step: { at: "idle" }, meeting: running, file, onpush, ...on });
  await fireEvent.click(screen.getByLabelText("Bản mới thay một tài liệu đã có"));
  expect(screen.getByLabelText<HTMLSelectElement>("Thay cho tài liệu").value).toBe("q");
  await fireEvent.click(screen.getByRole("switch", { name: "Trình chiếu ngay khi chuyển xong" }));
  await fireEvent.click(screen.getByRole("button", { name: "Gửi và phát hành" }));
  expect(plans[0]).toMatchObject({ replaces: "q", present: false });
});

test("what went wrong is said in a sentence, and the file can be chosen again", async () => {
  let again = 0;
  const on = { onfile: nothing, onpush: nothing, onshow: nothing, onclose: nothing };
  const step = { at: "failed", why: "Tài liệu có mật khẩu." } as const;
  render(DeskPush, { open: true, step, meeting: meeting(), file, onstop: () => void (again += 1), ...on });
  expect(screen.getByRole("status").textContent).toContain("Tài liệu có mật khẩu.");
  await fireEvent.click(screen.getByRole("button", { name: "Chọn lại" }));
  expect(again).toBe(1);
});

test("who has not opened the paper stands by unit, with who has and how far", async () => {
  const people = withMembers(member("a", { unit: "Sở Xây dựng" }), member("b", { unit: "Sở Y tế" }));
  const papers = { p: paper("p", "i1", { pages: 9 }) };
  const readers: Reader[] = [
    { person: "a", opened_at: Date.UTC(2026, 10, 21, 1, 12), page: 7, outdated: false },
    { person: "b", opened_at: 0, page: 0, outdated: false },
  ];
  const ask = (): Promise<Reader[]> => Promise.resolve(readers);
  const running = meeting({ ...people, items: ITEMS, papers });
  render(DeskReaders, { meeting: running, open: true, news: null, ask, onclose: nothing });
  expect((await screen.findByText("1/2 người đã mở;")).closest("p")?.textContent).toContain("0 người đã xem");
  expect(screen.getByText("đến trang 7/9 · mở lúc 08:12")).toBeTruthy();
  const [notYet] = screen.getAllByRole("heading", { level: 3 });
  expect(notYet?.parentElement?.textContent).toContain("Sở Y tế");
  expect(notYet?.parentElement?.textContent).not.toContain("Sở Xây dựng");
});

test("a notice is posted with its end, and taken down", async () => {
  const sent: Command[] = [];
  const act = (command: Command): Promise<boolean> => Promise.resolve(sent.push(command) > 0);
  const props = { open: true, act, onclose: nothing };
  render(DeskNotice, { ...props, meeting: meeting({ notice: "Giải lao", notice_until: 0 }) });
  await fireEvent.click(screen.getByLabelText("15 phút, rồi tự gỡ"));
  await fireEvent.click(screen.getByRole("button", { name: "Hiện thông báo" }));
  await fireEvent.click(screen.getByRole("button", { name: "Gỡ thông báo" }));
  expect(sent).toEqual([
    { type: "notice.post", text: "Giải lao", minutes: 15 },
    { type: "notice.post", text: "" },
  ]);
});

test("the pointer is led by keys, and put away by Escape", async () => {
  const points: unknown[] = [];
  let ended = 0;
  const mine = pointAt("pointer", 2, 4_000, 4_000);
  const on = { onpoint: (point: unknown) => void points.push(point), onend: () => void (ended += 1) };
  const { rerender } = render(PointLayer, {
    seen: [{ point: mine, fading: false }],
    page: 2,
    tool: "pointer",
    mine,
    ...on,
  });
  const hand = screen.getByRole("application");
  expect(document.activeElement).toBe(hand);
  await fireEvent.keyDown(hand, { key: "ArrowRight", shiftKey: true });
  await fireEvent.keyDown(hand, { key: "PageDown" });
  await fireEvent.keyDown(hand, { key: "Escape" });
  expect(points).toEqual([pointAt("pointer", 2, 4_050, 4_000)]);
  expect(ended).toBe(1);
  await rerender({ seen: [], page: 2, tool: null, mine: null, ...on });
  expect(screen.queryByRole("application")).toBeNull();
});

test("what failed is tried once more with its title and its readers", async () => {
  const plans: Plan[] = [];
  const on = { onfile: nothing, onstop: nothing, onshow: nothing, onclose: nothing };
  const onpush = (_: File, plan: Plan): void => void plans.push(plan);
  const props = { open: true, meeting: meeting({ phase: "open", items: ITEMS }), file, onpush, ...on };
  const { rerender } = render(DeskPush, { ...props, step: { at: "idle" } });
  await fireEvent.input(screen.getByLabelText("Tên tài liệu"), { target: { value: "Tờ trình sửa đổi" } });
  await fireEvent.click(screen.getByLabelText("Chỉ thành viên, không gồm khách mời"));
  await fireEvent.click(screen.getByRole("button", { name: "Gửi, phát hành và trình chiếu" }));
  await rerender({ ...props, step: { at: "failed", why: "Mất kết nối." } });
  await fireEvent.click(screen.getByRole("button", { name: "Thử lại" }));
  expect(plans).toHaveLength(2);
  expect(plans[1]).toMatchObject({ title: "Tờ trình sửa đổi", readers: "members" });
});
