/** What a site says of itself to the technician's board, and what a browser's statistics say of a line. Pure. */

/** As `Report` on the server; levels in percent, −1 where nothing was measured. */
export interface LineReport {
  readonly level: number;
  readonly camera: "on" | "off" | "missing" | "refused";
  readonly microphone: "on" | "muted" | "missing" | "refused";
  readonly limited: "" | "cpu" | "bandwidth";
  readonly rtt_ms: number;
  readonly heard: number;
}

/** The devices of a site as its screen knows them. */
export interface Devices {
  readonly hasCamera: boolean;
  readonly hasMicrophone: boolean;
  readonly trouble: "refused" | "missing" | null;
  readonly cameraOff: boolean;
  readonly muted: boolean;
}

export function deviceWords(devices: Devices): Pick<LineReport, "camera" | "microphone"> {
  const why = devices.trouble ?? "missing";
  return {
    camera: devices.cameraOff ? "off" : devices.hasCamera ? "on" : why,
    microphone: !devices.hasMicrophone ? why : devices.muted ? "muted" : "on",
  };
}

/** One entry of `RTCPeerConnection.getStats()`. */
export type Statistic = Readonly<Record<string, unknown>>;

const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);

/** Why the browser sends less than it could, and the round trip it measured. */
export function sendingWords(statistics: Iterable<Statistic>): Pick<LineReport, "limited" | "rtt_ms"> {
  let limited: LineReport["limited"] = "";
  let rtt = 0;
  for (const one of statistics) {
    if (one["type"] === "outbound-rtp" && one["active"] !== false) {
      const reason = one["qualityLimitationReason"];
      if (reason === "cpu" || (reason === "bandwidth" && limited === "")) limited = reason;
    }
    if (one["type"] === "candidate-pair" && one["nominated"] === true) {
      rtt = Math.max(rtt, number(one["currentRoundTripTime"]));
    }
  }
  return { limited, rtt_ms: Math.round(rtt * 1000) };
}

/** Counters of a line at one moment. */
export interface Tally {
  readonly sent: number;
  readonly received: number;
  readonly arrived: number;
  readonly lost: number;
  /** The worst that the other end reported, from 0 to 1. */
  readonly lostUp: number;
  readonly rtt: number;
}

export function tally(statistics: Iterable<Statistic>): Tally {
  const found = { sent: 0, received: 0, arrived: 0, lost: 0, lostUp: 0, rtt: 0 };
  for (const one of statistics) {
    if (one["type"] === "outbound-rtp") found.sent += number(one["bytesSent"]);
    if (one["type"] === "inbound-rtp") {
      found.received += number(one["bytesReceived"]);
      found.arrived += number(one["packetsReceived"]);
      found.lost += number(one["packetsLost"]);
    }
    if (one["type"] === "remote-inbound-rtp") found.lostUp = Math.max(found.lostUp, number(one["fractionLost"]));
    if (one["type"] === "candidate-pair" && one["nominated"] === true) {
      found.rtt = Math.max(found.rtt, number(one["currentRoundTripTime"]));
    }
  }
  return found;
}

/** What was lost on the way down between two moments, in per mille. */
export function lostBetween(before: Tally, after: Tally): number {
  const [arrived, lost] = [after.arrived - before.arrived, Math.max(0, after.lost - before.lost)];
  return arrived + lost > 0 ? Math.round((lost * 1000) / (arrived + lost)) : 0;
}
