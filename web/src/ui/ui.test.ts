import { fireEvent, render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { createRawSnippet } from "svelte";
import { expect, test, vi } from "vitest";
import Button from "./Button.svelte";
import Dialog from "./Dialog.svelte";
import Field from "./Field.svelte";
import Menu from "./Menu.svelte";
import Sheet from "./Sheet.svelte";
import Switch from "./Switch.svelte";
import Tabs from "./Tabs.svelte";
import TextSize from "./TextSize.svelte";
import Toast from "./Toast.svelte";

const words = (text: string) => createRawSnippet(() => ({ render: () => `<span>${text}</span>` }));

test("a button that cannot be pressed shows the reason as its label and does nothing", async () => {
  const pressed = vi.fn();
  render(Button, { reason: "Rút đăng ký khi có mạng", onclick: pressed, children: words("Rút đăng ký") });
  const button = screen.getByRole("button", { name: "Rút đăng ký khi có mạng" });
  await fireEvent.click(button);
  expect(pressed).not.toHaveBeenCalled();
  expect(button.getAttribute("aria-disabled")).toBe("true");
});

test("a field ties its label, hint and error to the input", async () => {
  const { container } = render(Field, { label: "Mật khẩu", hint: "Ít nhất 12 ký tự", error: "Mật khẩu chưa đúng" });
  const input = screen.getByLabelText("Mật khẩu");
  const described = (input.getAttribute("aria-describedby") ?? "").split(" ");
  expect(described.map((id) => document.getElementById(id)?.textContent?.trim())).toEqual([
    "Ít nhất 12 ký tự",
    "Mật khẩu chưa đúng",
  ]);
  expect((await axe.run(container)).violations).toEqual([]);
});

test("tabs move by arrow keys and go round", async () => {
  const chosen: string[] = [];
  render(Tabs, {
    label: "Xem",
    tabs: [
      { key: "a", label: "Tài liệu" },
      { key: "b", label: "Đại biểu" },
    ],
    chosen: "b",
    onchoose: (key: string) => chosen.push(key),
    children: words("x"),
  });
  await fireEvent.keyDown(screen.getByRole("tablist"), { key: "ArrowRight" });
  await fireEvent.keyDown(screen.getByRole("tablist"), { key: "End" });
  await fireEvent.keyDown(screen.getByRole("tablist"), { key: "x" });
  expect(chosen).toEqual(["a", "b"]);
});

test("a menu opens with its first entry focused, closes by Esc, and does what is chosen", async () => {
  const chosen = vi.fn();
  render(Menu, {
    label: "Thêm",
    items: [
      { label: "Sửa", onchoose: chosen },
      { label: "Hoãn", onchoose: () => {} },
    ],
    children: words("…"),
  });
  const button = screen.getByRole("button", { name: "Thêm" });
  await fireEvent.click(button);
  await expect.poll(() => document.activeElement?.textContent?.trim()).toBe("Sửa");
  await fireEvent.keyDown(document.activeElement as Element, { key: "ArrowDown" });
  expect(document.activeElement?.textContent?.trim()).toBe("Hoãn");
  await fireEvent.keyDown(document.activeElement as Element, { key: "Escape" });
  expect(screen.queryByRole("menu")).toBeNull();
  await fireEvent.click(button);
  await fireEvent.click(screen.getByText("Sửa"));
  expect(chosen).toHaveBeenCalledOnce();
});

test("a switch says its state and why it cannot be changed", async () => {
  const changed = vi.fn();
  const { rerender } = render(Switch, { label: "Ghi hình", on: false, onchange: changed });
  await fireEvent.click(screen.getByRole("switch", { name: "Ghi hình" }));
  expect(changed).toHaveBeenCalledWith(true);
  await rerender({ reason: "Đang họp nội bộ" });
  await fireEvent.click(screen.getByRole("switch"));
  expect(changed).toHaveBeenCalledOnce();
});

test("a sheet opens by its handle and closes by Esc, step by step", async () => {
  const sizes: string[] = [];
  const props = {
    label: "Phát biểu",
    handle: "Mở",
    least: "peek" as const,
    onsize: (size: string) => sizes.push(size),
    children: words("x"),
  };
  const { rerender } = render(Sheet, { ...props, size: "peek" });
  await fireEvent.click(screen.getByRole("button", { name: "Mở" }));
  await rerender({ size: "open" });
  await fireEvent.keyDown(window, { key: "Escape" });
  expect(sizes).toEqual(["open", "peek"]);
});

test("a toast stands in a region that was there before it, and goes by itself", async () => {
  vi.useFakeTimers();
  const done = vi.fn();
  const { rerender } = render(Toast, { text: null, ondone: done });
  const region = screen.getByRole("status");
  await rerender({ text: "Đã gửi góp ý" });
  expect(region.textContent).toContain("Đã gửi góp ý");
  await vi.advanceTimersByTimeAsync(4_000);
  expect(done).toHaveBeenCalledOnce();
  vi.useRealTimers();
});

test("text grows by steps, stops at the end, and the device remembers", async () => {
  localStorage.clear();
  render(TextSize);
  const larger = screen.getByRole("button", { name: "A+: Chữ lớn hơn" });
  for (let step = 0; step < 9; step++) await fireEvent.click(larger);
  expect(document.documentElement.style.getPropertyValue("--text-scale")).toBe("1.5");
  expect(localStorage.getItem("hopso.text-scale")).toBe("1.5");
  expect(larger.getAttribute("aria-disabled")).toBe("true");
});

test("a tap beside a dialog closes it, until something was filled in; Esc and the cross close it always", async () => {
  const closed = vi.fn();
  const fields = createRawSnippet(() => ({ render: () => `<p><input type="search"><input type="text"></p>` }));
  const { container } = render(Dialog, { open: true, title: "Nhập kết quả", onclose: closed, children: fields });
  const dialog = container.querySelector("dialog")!;
  const [search, text] = [...container.querySelectorAll("input")] as [HTMLInputElement, HTMLInputElement];
  await fireEvent.input(search, { target: { value: "tìm" } });
  await fireEvent.pointerDown(dialog);
  expect(closed).toHaveBeenCalledTimes(1);
  await fireEvent.input(text, { target: { value: "27" } });
  await fireEvent.pointerDown(dialog);
  expect(closed).toHaveBeenCalledTimes(1);
  await fireEvent(dialog, new Event("cancel", { cancelable: true }));
  await fireEvent.click(screen.getByRole("button", { name: "Đóng" }));
  expect(closed).toHaveBeenCalledTimes(3);
});

test("a dialog gives the focus back to what opened it, also when it goes with whoever held it", async () => {
  const opener = document.body.appendChild(document.createElement("button"));
  const props = { open: true, title: "Đổi chỗ", onclose: () => undefined, children: words("x") };
  opener.focus();
  const { rerender, unmount } = render(Dialog, props);
  for (const leave of [() => rerender({ ...props, open: false }), () => Promise.resolve(unmount())]) {
    await rerender(props);
    opener.blur();
    await leave();
    await Promise.resolve();
    expect(document.activeElement).toBe(opener);
  }
  opener.remove();
});

test("where the button that opened a dialog goes with what was done there, the focus stays where it stood", async () => {
  const around = document.body.appendChild(document.createElement("section"));
  around.tabIndex = -1;
  const opener = around.appendChild(document.createElement("button"));
  const props = { title: "Đăng ký phát biểu", onclose: () => undefined, children: words("x") };
  opener.focus();
  const { rerender } = render(Dialog, { ...props, open: true });
  opener.remove();
  await rerender({ ...props, open: false });
  expect(document.activeElement).toBe(around);
  around.remove();
});

test("a refusal is said within the dialog that is open, since nothing outside it is heard", async () => {
  render(Dialog, { open: true, title: "Ghi điểm danh", onclose: () => undefined, children: words("x") });
  const { rerender } = render(Toast, { kind: "bad", text: null });
  await rerender({ kind: "bad", text: "Việc này không thuộc quyền" });
  const told = (): string => screen.getByRole("dialog").textContent;
  expect(told()).toContain("Việc này không thuộc quyền");
  await rerender({ kind: "bad", text: null });
  expect(told()).not.toContain("Việc này không thuộc quyền");
});
