import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { Attempt } from "../state/attempt.svelte";
import type { Me } from "../state/session.svelte";
import AdminPeople from "./AdminPeople.svelte";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("the list is asked for once, and once more for other words", async () => {
  vi.useFakeTimers();
  const asked: (string | null)[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(new URL(path, "https://hop.vn").searchParams.get("search"));
    return Response.json({ people: [], count: 0 });
  });
  const me = { offices: ["system"], unit: "" } as unknown as Me;
  render(AdminPeople, { me, units: [], attempt: new Attempt(), ontold: () => {} });
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toEqual([""]);
  await fireEvent.input(screen.getByRole("searchbox"), { target: { value: "Lê An" } });
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toEqual(["", "Lê An"]);
});
