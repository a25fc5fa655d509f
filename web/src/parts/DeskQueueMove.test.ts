import { render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { meeting, request } from "../deskexample";
import DeskQueueMove from "./DeskQueueMove.svelte";

test("whoever is first behind the points of order is told so, and not that they are first", () => {
  const requests = [request("e", 3, { kind: "order" }), request("b", 1), request("c", 2)];
  const shown = (id: string): string[] => {
    const props = { meeting: meeting({ requests }), act: () => Promise.resolve(true), onclose: () => undefined };
    const { unmount } = render(DeskQueueMove, { ...props, request: id });
    const words = screen.getAllByRole("button", { hidden: true }).map((button) => button.textContent?.trim() ?? "");
    unmount();
    return words;
  };
  expect(shown("r1")).toContain("Đã đứng ngay sau ý kiến về trình tự");
  expect(shown("r1")).not.toContain("Đã đứng đầu");
  expect(shown("r3")).toContain("Đã đứng đầu");
});
