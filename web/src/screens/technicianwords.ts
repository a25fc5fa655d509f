/** Sentences of the technician's board. */
import { hourOf, lasting, type LineAlarm, type LineRow, percentOf } from "../core/lines";
import { t } from "../i18n";

/** What is wrong, with its figure and how long it has been so. */
export function alarmWords(alarm: LineAlarm, now: number): string {
  const long = lasting(now - alarm.since);
  return t(`technician.alarm_${alarm.kind}`, {
    value: alarm.value,
    percent: percentOf(alarm.value),
    time: hourOf(alarm.since),
    lasting: t(`technician.${long.unit}`, { count: long.count }),
  });
}

export function stateWords(row: LineRow | null): string {
  return t(`technician.state_${row?.state ?? "unknown"}`);
}

export function microphoneWords(row: LineRow): string {
  if (row.microphone === "missing" || row.microphone === "refused") return t(`technician.microphone_${row.microphone}`);
  if (row.open && row.microphone === "muted") return t("technician.microphone_muted");
  return t(row.open ? "technician.microphone_open" : "technician.microphone_closed");
}
