import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeAll, expect, test } from "vitest";
import { item, meeting, paper } from "../deskexample";
import type { Paper } from "../wire/types";
import PreparePaperForm from "./PreparePaperForm.svelte";

beforeAll(() => {
  // jsdom has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

function edits(of: Paper): Paper[] {
  const saved: Paper[] = [];
  const onsave = (_: Paper, after: Paper): Promise<boolean> => Promise.resolve(saved.push(after) > 0);
  const running = meeting({ items: [item("i1")], papers: { p: of } });
  render(PreparePaperForm, { meeting: running, paper: of, onsave, onclose: () => undefined });
  return saved;
}
const NOT_TAKEN = { name: "Không cho tải về, không cho in" };

test("of one paper it is said that nobody may take it along", async () => {
  const saved = edits(paper("p", "i1"));
  await fireEvent.click(screen.getByRole("switch", NOT_TAKEN));
  await fireEvent.click(screen.getByRole("button", { name: "Lưu" }));
  expect(saved).toMatchObject([{ id: "p", readers: "all", screen_only: true }]);
});

test("a paper for chosen readers is so anyway, and it is said why that cannot be changed", async () => {
  const saved = edits(paper("p", "i1", { readers: "named", named: ["b"] }));
  const taken = screen.getByRole("switch", NOT_TAKEN);
  expect([taken.getAttribute("aria-checked"), taken.getAttribute("aria-disabled")]).toEqual(["true", "true"]);
  await fireEvent.click(taken);
  await fireEvent.click(screen.getByRole("button", { name: "Lưu" }));
  expect(saved).toMatchObject([{ screen_only: false, named: ["b"] }]);
});
