import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { item, meeting, paper } from "../deskexample";
import PreparePaper from "./PreparePaper.svelte";

const shelved = (broken: number) => ({ broken, details: {} });
const nothing = (): void => undefined;
const props = {
  meeting: meeting({ items: [item("i1")] }),
  paper: paper("p", "i1"),
  first: true,
  last: true,
  closed: false,
  onedit: nothing,
  onreplace: nothing,
  onmove: nothing,
  ondetach: nothing,
};

test("pages that could not be drawn are counted, and tried again when somebody asks", async () => {
  const answers: (string | null)[] = ["Mất kết nối.", null];
  const onredraw = (): Promise<string | null> => Promise.resolve(answers.shift() ?? null);
  const { rerender } = render(PreparePaper, { ...props, status: undefined, shelved: shelved(2), onredraw });
  expect(screen.getByText("2 trang không hiện được cho người đọc.")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Thử lại các trang này" }));
  expect(await screen.findByText("Mất kết nối.")).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Thử lại các trang này" }));

  const news = { state: "ready", pages: 6, rendered: 6, broken: 0, code: "", details: {} };
  await rerender({ ...props, status: news, shelved: shelved(2), onredraw });
  expect(screen.queryByText(/không hiện được/)).toBeNull();
  expect(screen.getByText("6 trang")).toBeTruthy();
});

test("a paper that is shown whole offers nothing to try again", () => {
  render(PreparePaper, { ...props, status: undefined, shelved: shelved(0), onredraw: () => Promise.resolve(null) });
  expect(screen.queryByRole("button", { name: "Thử lại các trang này" })).toBeNull();
});

test("whoever prepares a paper sees the words its readers will see", () => {
  const onredraw = (): Promise<string | null> => Promise.resolve(null);
  const named = paper("p", "i1", { readers: "named", named: ["b", "c"] });
  render(PreparePaper, { ...props, paper: named, status: undefined, shelved: shelved(0), onredraw });
  expect(screen.getByText("Chỉ người được chỉ định · Không tải về, không in")).toBeTruthy();
  expect(screen.getByText(/2 người được đọc/)).toBeTruthy();
});

test("why a paper was refused is said whole after a reload, too", () => {
  const onredraw = (): Promise<string | null> => Promise.resolve(null);
  const refused = paper("p", "i1", { state: "refused", problem: "paper.too_many_pages" });
  const details = { pages: 812, limit: 500 };
  render(PreparePaper, { ...props, paper: refused, status: undefined, shelved: { broken: 0, details }, onredraw });
  expect(screen.getByText(/812.*500|500.*812/)).toBeTruthy();
});
