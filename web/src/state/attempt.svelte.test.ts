import { expect, test } from "vitest";
import { Problem } from "../wire/http";
import { Attempt } from "./attempt.svelte";

const refused = (code: string) => (): Promise<never> => Promise.reject(new Problem(code));

test("a refusal becomes a sentence, until something is tried again or it is put away", async () => {
  const attempt = new Attempt();
  expect(await attempt.run(refused("password.wrong"))).toBe(false);
  expect([attempt.code, attempt.busy]).toEqual(["password.wrong", false]);
  expect(attempt.wrong).not.toBe("password.wrong");
  const again = attempt.run(() => Promise.resolve());
  expect([attempt.busy, attempt.wrong, attempt.code]).toEqual([true, null, ""]);
  expect(await again).toBe(true);
});

test("what is no refusal is thrown on, and nothing is busy any more", async () => {
  const attempt = new Attempt();
  await expect(attempt.run(() => Promise.reject(new TypeError("ours")))).rejects.toThrow("ours");
  expect([attempt.busy, attempt.wrong]).toEqual([false, null]);
});
