import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, expect, test, vi } from "vitest";
import { meeting, paper } from "../deskexample";
import type { Comment } from "../core/marks";
import { InkBook } from "../state/ink.svelte";
import type { RoomState } from "../state/room.svelte";
import type { Paper } from "../wire/types";
import RoomPage from "./RoomPage.svelte";

beforeEach(() => {
  // jsdom lays nothing out: the page gets the size it has on a landscape tablet.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(648);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(686);
  HTMLImageElement.prototype.decode = () => Promise.resolve();
  HTMLCanvasElement.prototype.getContext = () => null;
  return () => vi.restoreAllMocks();
});

const SIGN: Comment = {
  ...{ kind: "comment", id: "c", layer: "mine", by: "b", at: 1, page: 3, spot: [100, 100], text: "Cần hỏi lại" },
} as const;

test("words that are being written stay with their paper when another is shown, or none", async () => {
  const author = { by: "b", now: () => 5, fresh: () => crypto.randomUUID(), send: vi.fn() };
  const books: Record<string, InkBook> = { "version-p": new InkBook(author), "version-q": new InkBook(author) };
  books["version-p"]!.receive([SIGN]);
  const running = meeting({ papers: { p: paper("p", "i1"), q: paper("q", "i2") } });
  const at = (place: { paper: Paper; page: number } | null): RoomState => {
    const line = { step: "fine", since: null };
    const standing = { me: "b", meeting: running, member: null, roles: new Set(["delegate"]), line, now: () => 0 };
    const load = (): Promise<void> => Promise.resolve();
    const tell = (): void => undefined;
    const reading = { place, following: true, size: { width: 595, height: 842 }, view: null, text: null, load, tell };
    const pointing = { on: () => [], take: () => undefined, lift: () => undefined };
    const ink = { book: (version: string) => books[version], wets: () => [] };
    const more = { found: null, layers: ["mine"], writable: ["mine"], replaced: { list: [], tells: () => undefined } };
    return { standing, reading, pointing, ink, ...more } as unknown as RoomState;
  };
  const props = { pen: null, layer: "mine", penOnly: false, onpen: () => undefined } as const;
  const { rerender } = render(RoomPage, { ...props, room: at({ paper: running.papers["p"]!, page: 3 }) });
  await fireEvent.click(screen.getByRole("button", { name: /Cần hỏi lại/ }));
  await fireEvent.input(screen.getByLabelText("Nội dung"), { target: { value: "Cần hỏi lại Sở Tài chính" } });
  await rerender({ ...props, room: at(null) });
  await rerender({ ...props, room: at({ paper: running.papers["q"]!, page: 1 }) });
  expect(screen.getByLabelText<HTMLTextAreaElement>("Nội dung").value).toBe("Cần hỏi lại Sở Tài chính");
  await fireEvent.click(screen.getByRole("button", { name: "Lưu" }));
  const written = (version: string): unknown[] => books[version]!.drawnBy("b").map((mark) => (mark as Comment).text);
  expect([written("version-p"), written("version-q")]).toEqual([["Cần hỏi lại Sở Tài chính"], []]);
});
