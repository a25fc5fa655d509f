import { render } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { ballot, meeting, withBallots } from "../deskexample";
import ResultTable from "./ResultTable.svelte";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test.each([
  [28, true],
  [24, false],
])("names that fit at %i are shown: %s; a hall reads nothing smaller than 28", (size, shown) => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe = (): void => undefined;
      disconnect = (): void => undefined;
    },
  );
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(500);
  vi.spyOn(Element.prototype, "scrollHeight", "get").mockImplementation(function (this: Element) {
    return Number((this as HTMLElement).style.getPropertyValue("--size")) <= size ? 500 : 900;
  });
  const votes = { a: "agree", b: "disagree" };
  const told = ballot("v", { electorate: { a: "a", b: "b" }, state: "announced", result: "rejected", votes });
  const { container } = render(ResultTable, { meeting: meeting(withBallots(told)), ballot: told });
  expect(container.querySelector(".names")?.classList.contains("unseen")).toBe(!shown);
});

test("names that did not fit are shown as soon as there is room for them", async () => {
  const observed: (() => void)[] = [];
  class Observer {
    constructor(private readonly seen: () => void) {}
    observe = (): void => void observed.push(this.seen);
    disconnect = (): void => undefined;
  }
  vi.stubGlobal("ResizeObserver", Observer);
  vi.spyOn(Element.prototype, "scrollHeight", "get").mockReturnValue(900);
  const height = vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(500);
  const votes = { a: "agree", b: "disagree" };
  const told = ballot("v", { electorate: { a: "a", b: "b" }, state: "announced", result: "rejected", votes });
  const { container, findByText } = render(ResultTable, { meeting: meeting(withBallots(told)), ballot: told });
  const names = container.querySelector(".names");
  const elsewhere = "Danh sách theo tên hiện trên máy của từng đại biểu.";
  expect(await findByText(elsewhere)).toBeTruthy();
  expect(names?.classList.contains("unseen")).toBe(true);

  height.mockReturnValue(900);
  observed.forEach((seen) => seen());
  await expect.poll(() => container.textContent?.includes(elsewhere)).toBe(false);
  expect(container.querySelector(".names")).toBe(names);
  expect(names?.classList.contains("unseen")).toBe(false);
});
