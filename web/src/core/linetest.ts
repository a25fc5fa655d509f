/** A line that was tried before the meeting: what was found, and the sentence for whoever owns the network. Pure. */

export type Fault =
  | "unreachable"
  | "camera"
  | "microphone"
  | "loudspeaker"
  | "udp_blocked"
  | "echo"
  | "slow_up"
  | "slow_down"
  | "loss_up"
  | "loss_down"
  | "slow_answer";

/** What measuring a line finds: bits a second, losses per mille, and the way that was open. */
export interface Measured {
  readonly route: "udp" | "relay" | "none";
  /** The address and port that were tried. */
  readonly server: string;
  readonly relay: string;
  readonly up_bps: number;
  readonly down_bps: number;
  readonly up_loss: number;
  readonly down_loss: number;
  readonly rtt_ms: number;
}

/** As `Findings` on the server; levels in percent, −1 where nothing was measured. */
export interface Findings extends Measured {
  readonly camera: "seen" | "not_seen" | "missing" | "refused";
  readonly microphone: "on" | "missing" | "refused";
  readonly level: number;
  readonly loudspeaker: "heard" | "not_heard" | "skipped";
  readonly echo: number;
}

export interface LineTest {
  readonly site: string;
  readonly at: number;
  readonly name: string;
  readonly by: string;
  readonly findings: Findings;
  readonly faults: readonly Fault[];
  readonly result: "passed" | "remarks" | "failed";
}

/** Faults whose mending is the network's owner's, the one that blocks most first. */
const NETWORK = [
  "unreachable",
  "udp_blocked",
  "slow_up",
  "slow_down",
  "loss_up",
  "loss_down",
  "slow_answer",
] as const satisfies readonly Fault[];

export type NetworkFault = (typeof NETWORK)[number];

export function networkFaults(test: Pick<LineTest, "faults">): NetworkFault[] {
  return NETWORK.filter((fault) => test.faults.includes(fault));
}
