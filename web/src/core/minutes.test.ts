import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { compare, dayAndHourOf, fromBase64, hourOf, linesOf, toBase64, wordsOf } from "./minutes";
import { FIELD, linesNow, MinutesText } from "./minutestext";

const recorded = JSON.parse(
  readFileSync(new URL("../../../tests/records/yjs_updates.json", import.meta.url), "utf8"),
) as { updates: string[] };

describe("the wire", () => {
  it("carries any bytes as base64 and back", () => {
    for (let length = 0; length < 70; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 73 + length * 31) & 255);
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }
  });

  it("shows hours as clocks in Vietnam do", () => {
    expect(hourOf(Date.UTC(2026, 9, 15, 2, 12))).toBe("09:12");
    expect(hourOf(undefined)).toBe("");
    expect(dayAndHourOf(Date.UTC(2026, 9, 14, 20, 5))).toBe("15/10 03:05");
  });
});

describe("comparing two texts", () => {
  it("shows what went before what came", () => {
    expect(compare(["a", "b", "c"], ["a", "x", "c", "d"])).toEqual([
      { kind: "same", text: "a" },
      { kind: "gone", text: "b" },
      { kind: "new", text: "x" },
      { kind: "same", text: "c" },
      { kind: "new", text: "d" },
    ]);
  });

  it("loses no paragraph of either text, whatever they are", () => {
    for (let seed = 1; seed < 60; seed += 1) {
      const some = (factor: number): string[] =>
        Array.from({ length: (seed * factor) % 11 }, (_, i) => `${(i * seed * factor) % 5}`);
      const [before, after] = [some(3), some(7)];
      const changes = compare(before, after);
      expect(changes.filter(({ kind }) => kind !== "new").map(({ text }) => text)).toEqual(before);
      expect(changes.filter(({ kind }) => kind !== "gone").map(({ text }) => text)).toEqual(after);
    }
  });

  it("reads paragraphs out of lists and leaves empty ones out", () => {
    const text = (words: string) => ({ type: "paragraph", content: [{ type: "text", text: words }] });
    const list = { type: "bulletList", content: [{ type: "listItem", content: [text("một"), text("")] }] };
    expect(linesOf([text("đầu"), list, { type: "paragraph" }])).toEqual(["đầu", "một"]);
    expect(wordsOf({ runs: [{ text: "Kết quả: ", bold: true }, { text: "24/29" }] })).toBe("Kết quả: 24/29");
  });
});

describe("the text on this device", () => {
  const typed = (text: MinutesText, words: string): void => {
    text.doc.transact(() => {
      const paragraph = new Y.XmlElement("paragraph");
      paragraph.insert(0, [new Y.XmlText(words)]);
      text.doc.getXmlFragment(FIELD).push([paragraph]);
    });
  };
  const said = (doc: Y.Doc): string => doc.getXmlFragment(FIELD).toString();

  it("counts only what was typed here as unsent", () => {
    let changes = 0;
    const text = new MinutesText(() => (changes += 1));
    for (const update of recorded.updates) text.receive(fromBase64(update));
    expect([changes, text.unsent, text.isEmpty]).toEqual([0, null, false]);
    typed(text, "mới");
    expect(changes).toBe(1);
    const there = new Y.Doc();
    for (const update of recorded.updates) Y.applyUpdate(there, fromBase64(update));
    Y.applyUpdate(there, text.unsent ?? new Uint8Array());
    expect(said(there)).toBe(said(text.doc));
  });

  it("sends one parcel at a time and keeps it until it has arrived", () => {
    const text = new MinutesText(() => undefined);
    typed(text, "một");
    const first = text.next();
    expect(first).not.toBeNull();
    typed(text, "hai");
    expect(text.next()).toBeNull();
    text.failed();
    const again = text.next() ?? new Uint8Array();
    text.arrived();
    expect(text.unsent).toBeNull();
    const there = new Y.Doc();
    Y.applyUpdate(there, again);
    expect(said(there)).toBe("<paragraph>một</paragraph><paragraph>hai</paragraph>");
  });

  it("reads the same lines out of the document as the server keeps in revisions", () => {
    const text = new MinutesText(() => undefined);
    for (const update of recorded.updates) text.receive(fromBase64(update));
    expect(linesNow(text.doc)).toEqual([
      "Thời (dự kiến) gian bắt đầu: 08 giờ 30 phút.",
      "C đây. D đây. <b>&iến đậm 😀 và nghiêng",
      "một",
      "hai",
      "trước sau",
    ]);
  });

  it("takes up what an earlier visit left, and can send everything at once", () => {
    const before = new MinutesText(() => undefined);
    typed(before, "chưa gửi");
    const now = new MinutesText(() => undefined);
    now.recover(before.unsent ?? new Uint8Array());
    expect(said(now.doc)).toBe("<paragraph>chưa gửi</paragraph>");
    now.sendWhole();
    const there = new Y.Doc();
    Y.applyUpdate(there, now.next() ?? new Uint8Array());
    expect(said(there)).toBe(said(now.doc));
  });
});
