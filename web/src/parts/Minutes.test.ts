import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { hourOf, type MinutesPiece, type MinutesRevision } from "../core/minutes";
import { FIELD, linesNow } from "../core/minutestext";
import Minutes from "./Minutes.svelte";
import type { MinutesView } from "./minutes";

const AT = Date.UTC(2026, 9, 15, 2, 12);
const NEWS: MinutesPiece[] = [
  { what: "new", id: "speech:22", block: { kind: "speech", at: AT, runs: [{ text: "Đồng chí A phát biểu ý kiến." }] } },
  { what: "changed", id: "present:p3", block: { kind: "attendance", runs: [{ text: "- Đồng chí B đến muộn;" }] } },
];
const KEPT: MinutesRevision[] = [
  { version: 4, at: AT, by: "ha", name: "Trịnh Thu Hà", reason: "kept", label: "Bản gửi chủ tọa" },
  { version: 1, at: AT, by: "ha", name: "Trịnh Thu Hà", reason: "auto", label: "" },
];

/** A desk that writes down what was asked of it. */
class Desk implements MinutesView {
  readonly text = { doc: new Y.Doc() };
  ready = true;
  saving = "saved" as const;
  savedAt = AT;
  problem = "";
  details = {};
  keeps = true;
  news: readonly MinutesPiece[] = [];
  revisions: readonly MinutesRevision[] = KEPT;
  readonly asked: unknown[] = [];

  constructor() {
    const heading = new Y.XmlElement("heading");
    const speech = new Y.XmlElement("paragraph");
    heading.insert(0, [new Y.XmlText("I. Khai mạc")]);
    speech.insert(0, [new Y.XmlText("Đồng chí Lâm phát biểu.")]);
    // The server writes numbers, as the editor does.
    heading.setAttribute("level", 1 as unknown as string);
    for (const [name, value] of Object.entries({ block: "speech:13", event: 13, kind: "speech", at: AT }))
      speech.setAttribute(name, value as string);
    this.text.doc.getXmlFragment(FIELD).insert(0, [heading, speech]);
  }

  get lines(): string[] {
    return linesNow(this.text.doc);
  }
  get paragraphs(): Y.XmlElement[] {
    return this.text.doc.getXmlFragment(FIELD).toArray() as Y.XmlElement[];
  }
  insert = async (ids: readonly string[]) => this.did("insert", ids);
  dismiss = async (ids: readonly string[]) => this.did("dismiss", ids);
  keep = async (label: string) => this.did("keep", label);
  restore = async (version: number) => this.did("restore", version);
  refreshRevisions = async () => void this.did("revisions");
  revision = async () => [{ type: "paragraph", content: [{ type: "text", text: "Câu đã bỏ." }] }];

  private did(...what: unknown[]): boolean {
    this.asked.push(what);
    return true;
  }
}

async function shown(desk: Desk, editable = true): Promise<HTMLElement> {
  render(Minutes, { minutes: desk, editable, title: "Phiên họp tháng 10", chair: "chủ trì" });
  return waitFor(() => screen.getByRole("textbox", { name: "Nội dung biên bản" }));
}
const press = (name: string | RegExp): void => screen.getByRole("button", { name }).click();

// jsdom lays nothing out; the editor asks where words are when it scrolls to them.
const nowhere = { x: 0, y: 0, width: 0, height: 0, top: 0, left: 0, bottom: 0, right: 0, toJSON: () => ({}) };
Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
Range.prototype.getBoundingClientRect = () => nowhere;

afterEach(() => document.body.replaceChildren());

describe("the minutes on screen", () => {
  it("keep the name of a state that could not be kept", async () => {
    const desk = new Desk();
    let kept = false;
    desk.keep = () => Promise.resolve(kept);
    await shown(desk);
    press("Các bản lưu");
    const name = await waitFor(() => screen.getByLabelText<HTMLInputElement>("Tên bản lưu"));
    await fireEvent.input(name, { target: { value: "Bản gửi chủ tọa" } });
    press("Lưu một bản");
    await new Promise((resolve) => setTimeout(resolve));
    expect(name.value).toBe("Bản gửi chủ tọa");
    kept = true;
    press("Lưu một bản");
    await waitFor(() => expect(name.value).toBe(""));
  });

  it("say how long to wait after a refusal, and that the device keeps nothing", async () => {
    const desk = new Desk();
    Object.assign(desk, { problem: "live.no_answer", details: { seconds: 7 }, keeps: false });
    await shown(desk);
    expect(screen.getByRole("alert").textContent).toContain("7 giây");
    expect(screen.getByText(/Thiết bị này không lưu được phần đang viết/)).toBeTruthy();
  });

  it("show each drafted paragraph with the hour of its event, and change nothing by being opened", async () => {
    const desk = new Desk();
    const before = desk.text.doc.getXmlFragment(FIELD).toString();
    const text = await shown(desk);
    const [heading, speech] = [...text.children];
    expect(heading?.tagName).toBe("H1");
    expect(speech?.getAttribute("data-hour")).toBe(hourOf(AT));
    expect(speech?.getAttribute("title")).toBe("Từ diễn biến lúc 09:12");
    expect(desk.text.doc.getXmlFragment(FIELD).toString()).toBe(before);
    expect(screen.getByText("Đã lưu 09:12")).toBeTruthy();
  });

  it("write a conclusion and a task as paragraphs of their own", async () => {
    const desk = new Desk();
    await shown(desk);
    press("Kết luận");
    press("Nhiệm vụ");
    expect(desk.lines).toContain("Kết luận của chủ trì: ");
    expect(desk.lines).toContain("Nhiệm vụ: ");
    expect(desk.paragraphs.map((paragraph) => paragraph.getAttribute("kind"))).toContain("conclusion");
    press("Hoàn tác");
    press("Hoàn tác");
    expect(desk.lines).toEqual(["I. Khai mạc", "Đồng chí Lâm phát biểu."]);
  });

  it("show what others write without losing the text", async () => {
    const desk = new Desk();
    const text = await shown(desk);
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(desk.text.doc));
    const line = new Y.XmlElement("paragraph");
    line.insert(0, [new Y.XmlText("Từ máy khác.")]);
    other.getXmlFragment(FIELD).insert(1, [line]);
    Y.applyUpdate(desk.text.doc, Y.encodeStateAsUpdate(other), "remote");
    await waitFor(() => expect(text.textContent).toContain("Từ máy khác."));
  });

  it("let readers read only", async () => {
    const desk = new Desk();
    desk.news = NEWS;
    const text = await shown(desk, false);
    expect(text.getAttribute("contenteditable")).toBe("false");
    expect(screen.queryByRole("button", { name: "Kết luận" })).toBeNull();
    expect(screen.queryByText(/diễn biến mới/)).toBeNull();
  });

  it("let news wait for a tap, and take in only what is ticked", async () => {
    const desk = new Desk();
    desk.news = NEWS;
    await shown(desk);
    expect(desk.asked).toEqual([]);
    expect(screen.getByText("2 diễn biến mới: 1 phát biểu, 1 điểm danh")).toBeTruthy();
    press("Xem trước");
    const boxes = await screen.findAllByRole("checkbox");
    expect(screen.getByText("Đồng chí A phát biểu ý kiến.")).toBeTruthy();
    (boxes[1] as HTMLInputElement).click();
    await waitFor(() => press("Chèn 1 diễn biến đã chọn"));
    expect(desk.asked).toContainEqual(["insert", ["speech:22"]]);
  });

  it("say in words what was taken back, and count whoever came after all once", async () => {
    const desk = new Desk();
    const line = (id: string, text: string) => ({ id, block: { kind: "attendance", runs: [{ text }] } });
    desk.news = [
      { what: "new", ...line("present:p9", "- Đồng chí C;") },
      { what: "gone", ...line("absent:p9", "- Đồng chí C, vắng không lý do;") },
    ];
    await shown(desk);
    expect(screen.getByText("1 diễn biến mới: 1 điểm danh")).toBeTruthy();
    press("Xem trước");
    await screen.findAllByRole("checkbox");
    expect(screen.getByText("- Đồng chí C, vắng không lý do;")).toBeTruthy();
  });

  it("compare a kept version with the text, and ask before restoring it", async () => {
    const desk = new Desk();
    await shown(desk);
    press("Các bản lưu");
    const panel = await screen.findByRole("region", { name: "Các bản lưu" });
    expect(within(panel).getByText("Bản gửi chủ tọa")).toBeTruthy();
    within(panel).getAllByRole("button", { name: "So với hiện tại" })[0]?.click();
    expect(await within(panel).findByText(/Câu đã bỏ\./)).toBeTruthy();
    expect(within(panel).getByText(/Đồng chí Lâm phát biểu\./)).toBeTruthy();
    within(panel).getAllByRole("button", { name: "Khôi phục bản này" })[0]?.click();
    const dialog = await screen.findByRole("dialog");
    expect(dialog.textContent).toContain("Khôi phục biên bản về bản lưu 15/10 09:12");
    expect(desk.asked).not.toContainEqual(["restore", 4]);
    within(dialog).getByRole("button", { name: "Khôi phục bản này" }).click();
    expect(desk.asked).toContainEqual(["restore", 4]);
  });

  it("say why something was refused", async () => {
    const desk = new Desk();
    desk.problem = "minutes.not_yours_to_write";
    await shown(desk);
    expect(screen.getByRole("alert").textContent).toBe("Chỉ thư ký của cuộc họp được ghi biên bản.");
  });
});
