import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { meeting, request } from "../deskexample";
import type { Command } from "../wire/types";
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

test("somebody of the register is invited for another length than the usual one", async () => {
  const sent: Command[] = [];
  const act = (command: Command): Promise<boolean> => Promise.resolve(Boolean(sent.push(command)));
  const now = meeting({ requests: [request("b", 1)] });
  render(DeskQueueMove, { meeting: now, request: "r1", act, onclose: () => undefined });
  await fireEvent.click(screen.getByRole("button", { name: `Mời phát biểu ${now.rules.speaking_minutes} phút` }));
  await fireEvent.click(screen.getByRole("radio", { name: "15 phút" }));
  await fireEvent.click(screen.getByRole("button", { name: "Mời phát biểu 15 phút" }));
  const invited = { type: "floor.invite", person: "b", request: "r1" };
  expect(sent).toEqual([invited, { ...invited, minutes: 15 }]);
});

test("while nobody can be invited no length is offered", () => {
  const now = meeting({ requests: [request("b", 1)] });
  const act = (): Promise<boolean> => Promise.resolve(true);
  render(DeskQueueMove, {
    meeting: now,
    request: "r1",
    reason: "Đang có biểu quyết mở",
    act,
    onclose: () => undefined,
  });
  expect(screen.queryByRole("radio")).toBeNull();
});
