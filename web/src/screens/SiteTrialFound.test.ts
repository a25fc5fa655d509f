import { fireEvent, render, screen } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, expect, test, vi } from "vitest";
import type { Fault, Findings, LineTest } from "../core/linetest";
import { site } from "../linesexample";
import type { LineTrial } from "../state/linetrial.svelte";
import { phaseWords } from "../state/linetestwords";
import SiteTrialFound from "./SiteTrialFound.svelte";

afterEach(() => vi.unstubAllGlobals());

const FOUND: Findings = {
  camera: "seen",
  microphone: "on",
  level: 40,
  loudspeaker: "heard",
  echo: 10,
  route: "relay",
  server: "10.20.0.5:8444",
  relay: "UDP 10.20.0.6:3478, TLS 10.20.0.6:443",
  shut: "",
  up_bps: 800_000,
  down_bps: 3_000_000,
  up_loss: 62,
  down_loss: 0,
  rtt_ms: 340,
};

function found(faults: readonly Fault[], more: Partial<Findings> = {}): void {
  const findings = { ...FOUND, ...more };
  const record: LineTest = {
    site: "a",
    at: Date.UTC(2026, 10, 22, 1, 5),
    name: "Mai Thị Dung",
    by: "a",
    findings,
    faults,
    result: faults.length ? "remarks" : "passed",
  };
  const trial = { findings, record } as unknown as LineTrial;
  render(SiteTrialFound, { trial, site: site("a", 1), onclose: () => undefined });
}

test("what the network must mend is one sentence with the port, to be copied and forwarded; who tried stands there", async () => {
  const writeText = vi.fn(async (_words: string) => undefined);
  vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText } });
  found(["udp_blocked", "echo", "slow_up", "loss_up", "slow_answer"]);
  expect(screen.getByRole("status").textContent).toMatch(/Mai Thị Dung.*8 giờ 05/);
  expect(screen.getByText(/Micrô nghe lại tiếng loa \(10%\)/)).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: /Chép|Sao chép/ }));
  const sentence = writeText.mock.calls[0]?.[0] ?? "";
  expect(sentence).toBe(
    "Mạng tại điểm cầu Xã a chặn UDP tới máy chủ hội nghị 10.20.0.5:8444, đề nghị mở UDP tới địa chỉ và cổng này, " +
      "chiều ra và chiều về; có đường lên 0,8 Mb/s, đề nghị bảo đảm từ 1 Mb/s; mất 6,2% gói ở đường lên, đề nghị " +
      "kiểm tra; trễ 340 ms tới máy chủ, đề nghị kiểm tra.",
  );
  expect(screen.getByText(sentence)).toBeTruthy();
  expect((await axe.run(document.body, { rules: { region: { enabled: false } } })).violations).toEqual([]);
});

test("where the relay's doors are shut, too, the sentence names each of them", () => {
  found(["udp_blocked"], { shut: "UDP 10.20.0.6:3478" });
  expect(screen.getByText(/cũng chặn máy chủ chuyển tiếp tại UDP 10\.20\.0\.6:3478\.$/)).toBeTruthy();
  found(["unreachable"], { route: "none", shut: "UDP 10.20.0.6:3478, TLS 10.20.0.6:443" });
  expect(
    screen.getByText(/10\.20\.0\.5:8444, đề nghị mở UDP.*tại UDP 10\.20\.0\.6:3478, TLS 10\.20\.0\.6:443, đề nghị mở/),
  ).toBeTruthy();
});

test("what is being measured is said whole", () => {
  const said = (["route", "relay", "media", "sample"] as const).map((phase) => phaseWords(phase, 7));
  expect(said.join()).not.toMatch(/[{}]/);
  expect(said[2]).toMatch(/còn 7 giây/);
});

test("a line in order asks nothing of anybody", () => {
  found([]);
  expect(screen.queryByText(/Mạng tại điểm cầu/)).toBeNull();
  expect(screen.getAllByRole("button")).toHaveLength(1);
});
