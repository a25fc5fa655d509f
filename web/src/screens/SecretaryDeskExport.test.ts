import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { MinutesPiece } from "../core/minutes";
import { meeting } from "../deskexample";
import { hangUp, line } from "../state/line";
import { settleMissing } from "../state/minutesexport";
import SecretaryDeskExport from "./SecretaryDeskExport.svelte";
import SecretaryDeskFiles from "./SecretaryDeskFiles.svelte";

const MISSING: MinutesPiece[] = [
  { what: "new", id: "ballot:30:0", block: { kind: "ballot", runs: [{ text: "Biểu quyết: Thông qua." }] } },
  { what: "removed", id: "remark:29", block: { kind: "remark", runs: [{ text: "Thông báo: mưa lớn." }] } },
];
const really = globalThis.fetch;
let lacks: readonly MinutesPiece[] = [];
let taken: string[] = [];

// jsdom knows the element and not its methods.
beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});
beforeEach(() => {
  taken = [];
  globalThis.fetch = () => Promise.resolve(new Response(JSON.stringify({ ok: true, now: 0, missing: lacks })));
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    taken.push(this.pathname);
  });
});
afterEach(() => {
  globalThis.fetch = really;
  vi.restoreAllMocks();
});

async function chooses(name: string): Promise<void> {
  await fireEvent.click(screen.getByRole("button", { name: "Tải về" }));
  await fireEvent.click(screen.getByRole("menuitem", { name }));
}

test("whole minutes are exported without a question", async () => {
  lacks = [];
  render(SecretaryDeskFiles, { meeting: meeting({ phase: "open" }), writes: true });
  await chooses("Biên bản (PDF)");
  await waitFor(() => expect(taken).toEqual([expect.stringMatching(/minutes\.pdf$/)]));
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("minutes that lack something say what, and are exported all the same", async () => {
  lacks = MISSING;
  render(SecretaryDeskFiles, { meeting: meeting({ phase: "open" }), writes: false });
  await chooses("Biên bản (DOCX)");
  const dialog = await screen.findByRole("dialog", { name: "Biên bản chưa khớp với 2 diễn biến" });
  expect(dialog.textContent).toContain("Biểu quyết: Thông qua.");
  expect(dialog.textContent).toContain("Đã xóa khỏi biên bản: Thông báo: mưa lớn.");
  expect(taken).toEqual([]);
  expect(screen.queryByRole("button", { name: "Chèn rồi xuất" }), "a reader inserts nothing").toBeNull();
  expect(screen.getByRole("list").tabIndex, "a long list scrolls by keys, too").toBe(0);
  await fireEvent.click(screen.getByRole("button", { name: "Xuất như hiện có" }));
  expect(taken).toEqual([expect.stringMatching(/minutes\.docx$/)]);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("an event that gives several paragraphs counts once, as in the bar of what is new", () => {
  const part = (id: string, event: number): MinutesPiece => ({
    what: "new",
    id,
    block: { kind: "remark", event, runs: [{ text: id }] },
  });
  const missing = [part("ballot:30:0", 30), part("ballot:30:1", 30), part("remark:31", 31)];
  const settle = (): Promise<string> => Promise.resolve("");
  render(SecretaryDeskExport, { missing, writes: true, settle, onexport: vi.fn(), onclose: vi.fn() });
  expect(screen.getByRole("dialog", { name: "Biên bản chưa khớp với 2 diễn biến" })).toBeTruthy();
  expect(screen.getAllByRole("checkbox")).toHaveLength(3);
});

test("what is ticked is inserted before the export, or decided to stay out; a refusal keeps the file back", async () => {
  const told: unknown[] = [];
  let answer = "Chỉ thư ký của cuộc họp được ghi biên bản.";
  const settle = (how: string, ids: readonly string[]): Promise<string> => {
    told.push([how, ids]);
    return Promise.resolve(answer);
  };
  const onexport = vi.fn();
  render(SecretaryDeskExport, { missing: MISSING, writes: true, settle, onexport, onclose: () => undefined });
  await fireEvent.click(screen.getAllByRole("checkbox")[1]!);
  await fireEvent.click(screen.getByRole("button", { name: "Chèn rồi xuất" }));
  expect((await screen.findByRole("alert")).textContent).toBe("Chỉ thư ký của cuộc họp được ghi biên bản.");
  expect(onexport).not.toHaveBeenCalled();
  answer = "";
  await fireEvent.click(screen.getByRole("button", { name: "Không đưa vào, rồi xuất" }));
  await waitFor(() => expect(onexport).toHaveBeenCalledOnce());
  expect(told).toEqual([
    ["minutes.insert", ["ballot:30:0"]],
    ["minutes.dismiss", ["ballot:30:0"]],
  ]);
});

test("while the answer is awaited nothing is exported beside it, and the question stays", async () => {
  let answered: (code: string) => void = () => undefined;
  const [onexport, onclose] = [vi.fn(), vi.fn()];
  const settle = (): Promise<string> => new Promise((done) => (answered = done));
  render(SecretaryDeskExport, { missing: MISSING, writes: true, settle, onexport, onclose });
  await fireEvent.click(screen.getByRole("button", { name: "Chèn rồi xuất" }));
  await fireEvent.click(screen.getByRole("button", { name: "Xuất như hiện có" }));
  await fireEvent(screen.getByRole("dialog"), new Event("cancel", { cancelable: true }));
  expect([onexport.mock.calls, onclose.mock.calls]).toEqual([[], []]);
  answered("");
  await waitFor(() => expect(onexport).toHaveBeenCalledOnce());
  expect(onclose).toHaveBeenCalledOnce();
});

test("a refusal says how long to wait", async () => {
  line().command = async () => ({
    ok: false,
    now: 0,
    version: 0,
    code: "live.no_answer",
    details: { seconds: 7 },
  });
  expect(await settleMissing("m", "minutes.insert", [])).toContain("7 giây");
  hangUp();
});
