import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { place } from "../place.svelte";
import { type Me, session } from "../state/session.svelte";
import Calendar from "./CalendarSearch.svelte";
import Search from "./Search.svelte";

const me = { person: "ha", name: "Trịnh Thu Hà", title: "", unit: "ubnd", unit_name: "UBND", offices: [] };
const kinds = [{ kind: "hop_giao_ban", name: "Họp giao ban" }];
const pageOf = (page: number) => ({
  page,
  pieces: [
    { text: "Kế hoạch ", hit: false },
    { text: "đầu tư công", hit: true },
  ],
});
const paperOf = (paper: string, pages: number, found: object[], withheld = false) => ({
  paper,
  title: `Tài liệu ${paper}`,
  item: "Nội dung một",
  pages,
  withheld,
  found,
});
const answerOf = (papers: object[], more: object = {}) => ({
  meetings: [{ meeting: "m1", title: "Giao ban tháng 3", kind: "hop_giao_ban", phase: "closed", starts_at: 0, papers }],
  papers: papers.length,
  pages: 5,
  left: 0,
  reading: false,
  ...more,
});

let asked: Record<string, unknown>[] = [];
let answers: (object | (() => Response))[] = [];

beforeEach(() => {
  [asked, answers] = [[], []];
  session.me = me as unknown as Me;
  history.replaceState(null, "", "/tim-kiem");
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    if (path === "/api/meeting-kinds") return Response.json({ kinds });
    asked.push(JSON.parse(init?.body as string) as Record<string, unknown>);
    const answer = answers.shift() ?? answerOf([]);
    return typeof answer === "function" ? (answer as () => Response)() : Response.json(answer);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  session.me = null;
  history.replaceState(null, "", "/");
});

async function searchFor(words: string): Promise<void> {
  await fireEvent.input(screen.getByRole("searchbox"), { target: { value: words } });
  await fireEvent.submit(screen.getByRole("search"));
}

test("nothing is asked before anything was typed", async () => {
  render(Search);
  await screen.findByText("Nhập từ cần tìm");
  expect(asked).toEqual([]);
});

test("what is found leads to its page, with the words marked", async () => {
  answers = [answerOf([paperOf("p1", 1, [pageOf(12)])])];
  render(Search);
  await searchFor("dau tu cong");
  const link = await screen.findByRole("link", { name: /Trang 12/ });
  expect(link.getAttribute("href")).toContain("/hop/m1#tai-lieu=p1&trang=12&tim=");
  expect(within(link).getByText("đầu tư công").tagName).toBe("MARK");
  expect(screen.getByRole("heading", { name: "Giao ban tháng 3" })).toBeTruthy();
  expect(screen.getByText("1/1/1970 · Họp giao ban")).toBeTruthy();
  expect(screen.getByRole("status").textContent).toContain("1 tài liệu, 5 trang");
  expect(asked).toEqual([{ words: "dau tu cong", kind: "", since: 0, until: 0 }]);
  expect(location.hash).toBe("#tim=dau%20tu%20cong");
});

test("an address that says what to look for is searched at once, and again where the way back leads", async () => {
  history.replaceState(null, "", "/tim-kiem#tim=nghi%20quyet&loai=hop_giao_ban");
  render(Search);
  await screen.findByText("Bớt từ, gõ không dấu", { exact: false });
  expect(asked).toEqual([{ words: "nghi quyet", kind: "hop_giao_ban", since: 0, until: 0 }]);
  history.replaceState(null, "", "/tim-kiem#tim=ngan%20sach");
  await fireEvent.popState(window);
  await vi.waitFor(() => expect(asked.at(-1)?.["words"]).toBe("ngan sach"));
  expect(screen.getByRole<HTMLInputElement>("searchbox").value).toBe("ngan sach");
});

test("more papers and more pages are asked for where there are more", async () => {
  answers = [
    answerOf([paperOf("p1", 3, [pageOf(1)])], { papers: 2, left: 1 }),
    answerOf([paperOf("p1", 3, [pageOf(2), pageOf(3)])]),
    answerOf([paperOf("p2", 1, [pageOf(7)])], { papers: 2 }),
  ];
  render(Search);
  await searchFor("dau tu");
  await fireEvent.click(await screen.findByRole("button", { name: "Hiện thêm trang (2)" }));
  await screen.findByRole("link", { name: /Trang 3/ });
  expect(asked.at(-1)).toMatchObject({ words: "dau tu", paper: "p1", skip: 1 });
  await fireEvent.click(screen.getByRole("button", { name: "Hiện thêm 1 tài liệu" }));
  await screen.findByRole("link", { name: /Trang 7/ });
  expect(asked.at(-1)).toMatchObject({ words: "dau tu", skip: 1 });
  expect(screen.queryByRole("button", { name: /Hiện thêm/ })).toBeNull();
});

test("a paper whose words are not handed out says so and leads to its pages", async () => {
  answers = [answerOf([paperOf("p1", 1, [{ page: 4, pieces: [] }], true)], { reading: true })];
  render(Search);
  await searchFor("mat");
  expect(await screen.findByText("Nội dung chỉ xem trên trang tài liệu.")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Trang 4" }).getAttribute("href")).toBe("/hop/m1#tai-lieu=p1&trang=4");
  expect(screen.getByText("Một số tài liệu đang được đọc", { exact: false })).toBeTruthy();
});

test("what failed is said, and asked again with the same words", async () => {
  answers = [() => Response.json({ ok: false, code: "storage.away", details: {} }, { status: 503 })];
  render(Search);
  await searchFor("thu chi");
  await fireEvent.click(await screen.findByRole("button", { name: "Tìm lại" }));
  await screen.findByText("Bớt từ, gõ không dấu", { exact: false });
  expect(asked.map(({ words }) => words)).toEqual(["thu chi", "thu chi"]);
});

test("an older answer never takes the place of a newer one", async () => {
  let late: (answer: Response) => void = () => undefined;
  const slow = new Promise<Response>((resolve) => (late = resolve));
  answers = [(() => slow) as unknown as () => Response, answerOf([paperOf("mới", 1, [pageOf(2)])])];
  render(Search);
  await searchFor("cu");
  history.replaceState(null, "", "/tim-kiem#tim=moi");
  await fireEvent.popState(window);
  await screen.findByText("Tài liệu mới");
  late(Response.json(answerOf([paperOf("cũ", 1, [pageOf(1)])])));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(screen.queryByText("Tài liệu cũ")).toBeNull();
});

test("the calendar's field leads to the search", async () => {
  history.replaceState(null, "", "/");
  render(Calendar);
  await searchFor("đầu tư");
  expect(place.path).toBe("/tim-kiem");
  expect(new URLSearchParams(location.hash.slice(1)).get("tim")).toBe("đầu tư");
});
