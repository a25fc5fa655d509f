import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import { meeting, member, paper } from "../deskexample";
import { OpinionsState } from "../state/opinions.svelte";
import type { RoomState } from "../state/room.svelte";
import { Live } from "../standingexample.svelte";
import type { Meeting } from "../wire/types";
import RoomOpinions from "./RoomOpinions.svelte";

// Whoever writes goes on writing while the meeting turns its pages.

const PASSAGES = [
  { number: 7, page: 3, label: "Điều 5", text: "Mức là 50 triệu đồng." },
  { number: 9, page: 5, label: "Điều 9", text: "Có hiệu lực từ ngày ký." },
];

afterEach(() => void vi.unstubAllGlobals());

const shows = (id: string, page: number): Meeting =>
  meeting({
    papers: { p: paper("p", "i2"), q: paper("q", "i3") },
    shown: { paper: id, page, x: 0, y: 0, width: 1 } as unknown as Meeting["shown"],
  });

/** The panel over a meeting that goes on; `sent` is what left this tablet. */
function panel(first: Meeting, ok = true) {
  const sent: object[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    const version = `version-${path.split("/papers/")[1]?.[0]}`;
    return new Response(JSON.stringify({ version, passages: PASSAGES }), {
      headers: { "Content-Type": "application/json" },
    });
  });
  const live = new Live(first);
  const command = async (_: string, one: object) => (sent.push(one), { ok, now: 0, version: 0, details: {} });
  const opinions = new OpinionsState({
    live: { now: () => 5, follow: () => () => undefined, command } as never,
    outbox: async () => null,
    sent: () => undefined,
    refused: () => undefined,
    meeting: "m",
    me: "b",
  });
  const room = {
    opinions,
    standing: {
      me: "b",
      member: member("b"),
      get meeting() {
        return live.meeting;
      },
    },
    reading: {
      get shared() {
        const { shown, papers } = live.meeting;
        return shown && { paper: papers[shown.paper]!, page: shown.page };
      },
    },
  } as unknown as RoomState;
  render(RoomOpinions, { room, narrow: false, open: true, onclose: () => undefined });
  const goes = (now: Meeting): void => flushSync(() => void (live.meeting = now));
  return { sent, goes, opinions };
}
const tab = (name: string): Promise<boolean> => fireEvent.click(screen.getByRole("tab", { name }));
const write = (label: string, value: string): Promise<boolean> =>
  fireEvent.input(screen.getByLabelText(label), { target: { value } });
const typed = (label: string): string => screen.getByLabelText<HTMLInputElement>(label).value;
const press = (name: string): Promise<boolean> => fireEvent.click(screen.getByRole("button", { name }));

async function amending(): Promise<ReturnType<typeof panel>> {
  const tablet = panel(shows("p", 3));
  await tab("Sửa câu chữ");
  await fireEvent.click(await screen.findByText("Mức là 50 triệu đồng."));
  return tablet;
}

test("an amendment that is being worded stays open, with its reason and its readers, while the meeting goes on", async () => {
  const { goes } = await amending();
  await write("Sửa ngay trong đoạn này", "Mức là 60 triệu đồng.");
  await write("Lý do (không bắt buộc)", "Giá đã tăng");
  await fireEvent.click(screen.getByLabelText("Mọi người được đọc tài liệu này"));
  const field = screen.getByLabelText("Sửa ngay trong đoạn này");
  field.focus();
  goes(shows("p", 4));
  expect(document.activeElement).toBe(field);
  expect(typed("Sửa ngay trong đoạn này")).toBe("Mức là 60 triệu đồng.");
  expect(typed("Lý do (không bắt buộc)")).toBe("Giá đã tăng");
  expect(screen.getByLabelText<HTMLInputElement>("Mọi người được đọc tài liệu này").checked).toBe(true);
});

test("an amendment that has begun goes to the paper it was begun in, also when another one is shown", async () => {
  const { sent, goes } = await amending();
  await write("Sửa ngay trong đoạn này", "Mức là 60 triệu đồng.");
  await write("Lý do (không bắt buộc)", "Giá đã tăng");
  goes(shows("q", 5));
  expect(screen.getByText("Tài liệu p")).toBeTruthy();
  await press("Gửi đề nghị sửa đổi");
  expect(sent).toEqual([
    expect.objectContaining({
      paper: "p",
      version: "version-p",
      passage: 7,
      text: "Mức là 60 triệu đồng.",
      reason: "Giá đã tăng",
    }),
  ]);
});

test("a paragraph in which nothing is written gives way to those of the next paper", async () => {
  const { goes } = await amending();
  goes(shows("q", 5));
  expect(await screen.findByText("Có hiệu lực từ ngày ký.")).toBeTruthy();
  expect(screen.queryByLabelText("Sửa ngay trong đoạn này")).toBeNull();
});

test("an opinion is about the page at its first letter, and says so when another one is open", async () => {
  const { sent, goes } = panel(shows("p", 3));
  await waitFor(() => expect(typed("Điều, khoản, điểm (nếu có)")).toBe("Điều 5"));
  await write("Nội dung ý kiến", "N");
  goes(shows("q", 5));
  expect(screen.getByText("Tài liệu p")).toBeTruthy();
  expect(screen.getByText(/về trang 3 của tài liệu trên; màn hình đã sang Tài liệu q, trang 5/)).toBeTruthy();
  await write("Nội dung ý kiến", "Nhất trí.");
  await press("Gửi ý kiến");
  expect(sent).toEqual([expect.objectContaining({ paper: "p", page: 3, place: "Điều 5", text: "Nhất trí." })]);
  expect(screen.getByText("Tài liệu q")).toBeTruthy();
});

test("an opinion that has begun can be made about what is open by now", async () => {
  const { sent, goes } = panel(shows("p", 3));
  await write("Nội dung ý kiến", "Nhất trí.");
  goes(shows("q", 5));
  await waitFor(() => expect(screen.getByText("Tài liệu p")).toBeTruthy());
  await new Promise((resolve) => setTimeout(resolve));
  await press("Chuyển ý kiến sang trang đang mở");
  await press("Gửi ý kiến");
  expect(sent).toEqual([expect.objectContaining({ paper: "q", page: 5, place: "Điều 9", text: "Nhất trí." })]);
});

test("what is typed for one page and taken back leaves the opinion free for the next", async () => {
  const { goes } = panel(shows("p", 3));
  await write("Nội dung ý kiến", "N");
  await write("Nội dung ý kiến", "");
  goes(shows("q", 5));
  expect(screen.getByText("Tài liệu q")).toBeTruthy();
  expect(screen.getByLabelText("Trang 5 đang mở")).toBeTruthy();
});

test("the place that was typed is still there after a look at what was sent", async () => {
  panel(shows("p", 3));
  await write("Điều, khoản, điểm (nếu có)", "khoản 2 Điều 6");
  await write("Nội dung ý kiến", "Nhất trí.");
  await tab("Đã gửi");
  await tab("Góp ý");
  expect(typed("Điều, khoản, điểm (nếu có)")).toBe("khoản 2 Điều 6");
});

test("words about a paper that was taken away are not sent about another", async () => {
  const { sent, goes } = panel(shows("p", 3));
  await write("Nội dung ý kiến", "Nhất trí.");
  goes({ ...shows("q", 5), papers: { q: paper("q", "i3") } });
  expect(screen.getByText("Tài liệu đang góp ý không còn trong cuộc họp.")).toBeTruthy();
  await press("Tài liệu đang góp ý không còn trong cuộc họp.");
  expect(sent).toEqual([]);
});

test("an opinion that was refused is not said to be recorded", async () => {
  const { sent } = panel(shows("p", 3), false);
  await write("Nội dung ý kiến", "Nhất trí.");
  await press("Gửi ý kiến");
  await waitFor(() => expect(typed("Nội dung ý kiến")).toBe("Nhất trí."));
  expect(sent).toHaveLength(1);
  expect(screen.queryByText(/Đã ghi ý kiến/)).toBeNull();
});
