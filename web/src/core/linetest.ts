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
  /** The relay's doors, and those of them that did not open; asked only where the direct way is shut. */
  readonly relay: string;
  readonly shut: string;
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

/** "TLS turn.tinh.example:443" of a relay's address (RFC 7065): what whoever owns a network opens. */
export function relayDoor(url: string): string {
  const found = /^(turns?):(\[[^\]]*\]|[^:?]*)(?::(\d+))?(?:\?transport=(\w+))?$/i.exec(url);
  if (!found) return url;
  const [, scheme = "", host = "", port, transport] = found;
  const isSecure = scheme.toLowerCase() === "turns";
  const protocol = isSecure ? "TLS" : (transport ?? "udp").toUpperCase();
  return `${protocol} ${host}:${port ?? (isSecure ? 5349 : 3478)}`;
}

/** As long as the server keeps it; nobody has so many relays. */
const MOST_DOORS = 600;

export function doorsOf(urls: readonly string[]): string {
  return [...new Set(urls.map(relayDoor))].join(", ").slice(0, MOST_DOORS);
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
