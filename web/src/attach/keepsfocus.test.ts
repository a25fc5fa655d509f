import { expect, test } from "vitest";
import { keepsFocus } from "./keepsfocus";

const seen = (): Promise<void> => new Promise((done) => setTimeout(done));

function place(): { around: HTMLElement; button: HTMLButtonElement; other: HTMLButtonElement; end: () => void } {
  document.body.innerHTML = "<section><button>Gửi</button><button>Rút</button></section>";
  const around = document.querySelector("section")!;
  const [button, other] = document.querySelectorAll("button") as unknown as [HTMLButtonElement, HTMLButtonElement];
  return { around, button, other, end: keepsFocus(around) };
}

test("where the button that was pressed goes, the focus rests on its place and on no other button", async () => {
  const { around, button, end } = place();
  button.focus();
  button.remove();
  await seen();
  expect(document.activeElement).toBe(around);
  end();
});

test("what goes without having had the focus, or after it was left, takes it nowhere", async () => {
  const { button, other, end } = place();
  other.focus();
  button.remove();
  await seen();
  expect(document.activeElement).toBe(other);
  other.blur();
  await seen();
  other.remove();
  await seen();
  expect(document.activeElement).toBe(document.body);
  end();
});
