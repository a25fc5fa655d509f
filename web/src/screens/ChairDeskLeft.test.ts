import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { meeting } from "../deskexample";
import type { MeetingState } from "../state/meeting.svelte";
import type { Command, Item, Meeting } from "../wire/types";
import ChairDeskLeft from "./ChairDeskLeft.svelte";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function standing(now: Meeting, sent: Command[]): MeetingState {
  const act = (command: Command): Promise<boolean> => Promise.resolve(sent.push(command) > 0);
  return { meeting: now, meter: null, roles: new Set(["chair"]), act } as unknown as MeetingState;
}

test("the button of the next item does not come to mean another under a finger already on its way", async () => {
  const sent: Command[] = [];
  const opened = meeting({ phase: "open" });
  const [first, second] = opened.items as [Item, Item];
  const waiting = {
    ...opened,
    items: [
      { ...first, state: "waiting" as const },
      { ...second, state: "waiting" as const },
    ],
  };
  const { rerender } = render(ChairDeskLeft, { standing: standing(waiting, sent) });
  await vi.advanceTimersByTimeAsync(1000);

  const begun = { ...waiting, items: [{ ...first, state: "current" as const }, waiting.items[1]!] };
  await rerender({ standing: standing(begun, sent) });
  await fireEvent.click(screen.getByRole("button", { name: /Sang nội dung 2/ }));
  expect(sent).toEqual([]);

  await vi.advanceTimersByTimeAsync(1000);
  await fireEvent.click(screen.getByRole("button", { name: /Sang nội dung 2/ }));
  expect(sent).toEqual([{ type: "item.start", item: second.id }]);
});
