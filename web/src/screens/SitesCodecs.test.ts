import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import SitesCodecs from "./SitesCodecs.svelte";

afterEach(() => vi.unstubAllGlobals());

const answers = (status: number, body: unknown): void =>
  void vi.stubGlobal("fetch", async () => Response.json(body, { status }));

test("beside the registry stands where codecs call, or that they cannot and why", async () => {
  answers(200, { readiness: "ready", address: "10.1.1.1:5060" });
  const { unmount } = render(SitesCodecs);
  expect((await screen.findByText(/10\.1\.1\.1:5060/)).textContent).not.toContain("registry.");
  unmount();
  answers(200, { readiness: "no_janus", address: "" });
  render(SitesCodecs);
  expect(await screen.findByText(/Janus/)).toBeTruthy();
});

test("without an answer nothing is said", async () => {
  answers(503, { ok: false, code: "media.unavailable", details: {} });
  const { container } = render(SitesCodecs);
  await new Promise((done) => setTimeout(done));
  expect(container.querySelector("p")).toBeNull();
});
