/** Sites and their lines, for tests: a line in good order, an alarm, a site of a commune. */
import type { LineAlarm, LineRow } from "./core/lines";
import type { Site } from "./wire/types";

export function row(site: string, change: Partial<LineRow> = {}): LineRow {
  return {
    site,
    state: "good",
    alarms: [],
    up_loss: 2,
    down_loss: 1,
    rtt_ms: 24,
    up_bps: 2_100_000,
    down_bps: 3_000_000,
    layer: "h",
    level: 20,
    open: false,
    microphone: "on",
    camera: "on",
    limited: "",
    audio_only: false,
    drops: 0,
    dropped_at: 0,
    gone_at: 0,
    heard: -1,
    ...change,
  };
}

export function alarm(kind: LineAlarm["kind"], severity: number, since: number, value = 0): LineAlarm {
  return { kind, severity, since, value };
}

export function site(id: string, order: number): Site {
  return {
    id,
    name: `Xã ${id}`,
    short: id,
    order,
    unit: "",
    room: "",
    technician: "Mai Thị Dung",
    telephone: "0230 000 4110",
    main: false,
  };
}
