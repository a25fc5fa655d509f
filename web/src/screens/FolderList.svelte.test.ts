import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import type { OwnPaper } from "../core/folder";
import type { FolderState, OwnUpload } from "../state/folder.svelte";
import type { RoomState } from "../state/room.svelte";
import FolderList from "./FolderList.svelte";
import RoomOwn from "./RoomOwn.svelte";

const A4 = [595, 842] as const;
const paper = (id: string, changes: Partial<OwnPaper> = {}): OwnPaper => ({
  id,
  name: `${id}.docx`,
  state: "ready",
  code: "",
  details: {},
  version: { id: `v-${id}`, sizes: [A4, A4], rendered: 2, broken: 0 },
  ...changes,
});

function folder(papers: OwnPaper[], uploads: OwnUpload[] = []) {
  const asked = {
    add: vi.fn(async () => undefined),
    rename: vi.fn(async () => true),
    remove: vi.fn(async () => true),
    redraw: vi.fn(async () => true),
    forget: vi.fn(),
  };
  const pages = { total: papers.length, done: 1, complete: false };
  const state = { offered: true, papers, uploads, problem: null, pages, ...asked };
  return { state: state as unknown as FolderState, ...asked };
}

test("a paper that is ready opens, one that is on its way does not, and says how far it is", async () => {
  const onopen = vi.fn();
  const { state } = folder([paper("Ghi chép"), paper("Nháp", { state: "converting", version: null })]);
  render(FolderList, { folder: state, onopen });
  await fireEvent.click(screen.getByRole("button", { name: /Ghi chép.*2 trang/ }));
  await fireEvent.click(screen.getByRole("button", { name: /^Nháp/ }));
  expect(onopen.mock.calls).toEqual([["Ghi chép"]]);
});

test("why a file was refused stands below its name", () => {
  const refused = paper("Tệp", { state: "refused", version: null, code: "paper.encrypted" });
  render(FolderList, { folder: folder([refused]).state, onopen: vi.fn() });
  expect(screen.getByRole("alert").textContent).not.toBe("");
});

test("a paper is renamed by its title, and deleted only after a question that says what is lost", async () => {
  const { state, rename, remove } = folder([paper("Ghi chép")]);
  render(FolderList, { folder: state, onopen: vi.fn() });
  await fireEvent.click(screen.getByRole("button", { name: "Việc với Ghi chép" }));
  await fireEvent.click(screen.getByRole("menuitem", { name: "Đổi tên" }));
  await fireEvent.input(screen.getByLabelText("Tên tài liệu"), { target: { value: "Việc cần hỏi" } });
  await fireEvent.click(screen.getByRole("button", { name: "Lưu tên mới" }));
  expect(rename).toHaveBeenCalledWith("Ghi chép", "Việc cần hỏi");
  await fireEvent.click(screen.getByRole("button", { name: "Việc với Ghi chép" }));
  await fireEvent.click(screen.getByRole("menuitem", { name: "Xóa tài liệu" }));
  expect(screen.getByText(/mất hẳn/)).toBeTruthy();
  expect(remove).not.toHaveBeenCalled();
  await fireEvent.click(screen.getByRole("button", { name: "Xóa tài liệu" }));
  expect(remove).toHaveBeenCalledWith("Ghi chép");
});

test("files dropped here go to my folder and not into what is around it", async () => {
  const { state, add } = folder([]);
  const around = vi.fn();
  window.addEventListener("drop", around);
  render(FolderList, { folder: state, onopen: vi.fn() });
  const file = new File(["x"], "a.pdf");
  const group = screen.getByRole("group", { name: "Tài liệu cá nhân" });
  await fireEvent.drop(group, { dataTransfer: { types: ["Files"], files: [file] } });
  expect(add).toHaveBeenCalledWith([file]);
  expect(around).not.toHaveBeenCalled();
  window.removeEventListener("drop", around);
});

test("a file on its way shows how far it has come; a refusal can be put away", async () => {
  const { state, forget } = folder(
    [],
    [
      { id: "u1", name: "a.pdf", share: 0.25, problem: null },
      { id: "u2", name: "b.pdf", share: 0, problem: "Tệp quá lớn." },
    ],
  );
  render(FolderList, { folder: state, onopen: vi.fn() });
  expect(screen.getByText("25 %")).toBeTruthy();
  expect(screen.getByText(/Tệp quá lớn/)).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Đóng" }));
  expect(forget).toHaveBeenCalledWith("u2");
});

/** A room beside whose papers `mine` are. */
function room(mine: FolderState, open = vi.fn()): RoomState {
  return { folder: mine, reading: { mine: false, place: null, open } } as unknown as RoomState;
}

test("in the room my papers stand by themselves, are counted by themselves, and open in the page reader", async () => {
  const open = vi.fn();
  const onchosen = vi.fn();
  render(RoomOwn, { room: room(folder([paper("Ghi chép"), paper("Nháp")]).state, open), onchosen });
  expect(screen.getByRole("heading", { name: "Tài liệu của tôi" })).toBeTruthy();
  expect(screen.getByText("Đang đưa tài liệu của tôi về máy: 1/2")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: /^Ghi chép/ }));
  expect(open).toHaveBeenCalledWith("Ghi chép", 1);
  expect(onchosen).toHaveBeenCalled();
});

test("whoever is here for one meeting is offered nothing of it", () => {
  const { state } = folder([]);
  render(RoomOwn, { room: room({ ...state, offered: false } as unknown as FolderState), onchosen: vi.fn() });
  expect(screen.queryByText("Tài liệu của tôi")).toBeNull();
});
