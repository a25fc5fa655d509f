/** What a test of the line found, in sentences; one of them can be forwarded to whoever owns the network. */
import { megabits, percentOf } from "../core/lines";
import { type Fault, type Findings, type LineTest, networkFaults } from "../core/linetest";
import { t } from "../i18n";
import type { Phase } from "../wire/linetrial";

function values(found: Findings): Record<string, string | number> {
  return {
    server: found.server,
    relay: found.relay,
    shut: found.shut,
    level: found.level,
    echo: found.echo,
    up: megabits(found.up_bps),
    down: megabits(found.down_bps),
    up_loss: percentOf(found.up_loss),
    down_loss: percentOf(found.down_loss),
    rtt: found.rtt_ms,
  };
}

/** One fault, for those in the room. */
export function faultWords(fault: Fault, found: Findings): string {
  return t(`linetest.fault_${fault}`, values(found));
}

/** What is being measured; of the part that takes longest also for how long still. */
export function phaseWords(phase: Phase, seconds: number): string {
  return phase === "media" ? t("linetest.measuring_media", { seconds }) : t(`linetest.measuring_${phase}`);
}

/** One sentence that names the site, what its network does, and what is asked for; empty when nothing is. */
export function forNetwork(test: Pick<LineTest, "faults" | "findings">, site: string): string {
  const faults = networkFaults(test);
  if (faults.length === 0) return "";
  const found = test.findings;
  const said = faults.map((fault) => t(`linetest.network_${fault}`, values(found)));
  if (found.shut)
    said.splice(1, 0, t(`linetest.network_shut_${found.route === "none" ? "all" : "some"}`, values(found)));
  const what = said.join("; ");
  return t("linetest.forward", { site, what });
}
