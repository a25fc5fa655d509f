/** How the lines of the sites fared over a meeting: what is added as it goes on, and how it is drawn. Pure. */
import type { Meeting } from "../wire/types";
import type { LineRow, LineWord } from "./lines";

/** Time, loss in per mille, rate up, state, round trip in ms. */
export type TrendPoint = readonly [at: number, loss: number, rate: number, state: LineWord, rtt: number];
export type Trend = readonly TrendPoint[];

export interface Span {
  readonly from: number;
  readonly to: number;
}

const MOST_POINTS = 240;
/** The worse of two: as on the server. */
const WORSE: readonly LineWord[] = ["good", "weak", "voice", "again", "absent", "lost"];

function worse(a: TrendPoint, b: TrendPoint): TrendPoint {
  const [ra, rb] = [WORSE.indexOf(a[3]), WORSE.indexOf(b[3])];
  if (ra !== rb) return ra > rb ? a : b;
  return a[1] > b[1] || (a[1] === b[1] && a[4] > b[4]) ? a : b;
}

/** Half as many points, of each two the worse: the meeting is shown from its beginning however long it lasts. */
function halved(trend: Trend): Trend {
  return trend.flatMap((point, at) => {
    if (at % 2 === 1) return [];
    const next = trend[at + 1];
    return [next ? worse(point, next) : point];
  });
}

/** Add what the board says now to a trend, none closer than `step` to the one before. */
export function extended(trend: Trend, row: LineRow, now: number, step = 10_000): Trend {
  const last = trend.at(-1);
  const point: TrendPoint = [now, Math.max(row.up_loss, row.down_loss), row.up_bps, row.state, row.rtt_ms];
  if (last && now - last[0] < step && last[3] === row.state) return trend;
  const grown = [...trend, point];
  return grown.length > MOST_POINTS ? halved(grown) : grown;
}

/** A trend covers at least so much. */
const LEAST_MS = 600_000;
const BEFORE_MS = 1_800_000;
const LATELY_MS = 7_200_000;

/** After a break as long as this the meeting sits on another day. */
const NIGHT_MS = 6 * 3_600_000;

/** When it was opened, or resumed after a night; 0 before. */
function openedOnThisDay({ periods }: Meeting): number {
  const mornings = periods.filter(({ began_at }, at) => began_at - (periods[at - 1]?.ended_at ?? 0) >= NIGHT_MS);
  return (mornings.at(-1) ?? periods[0])?.began_at ?? 0;
}

/**
 * What is drawn: this day of the meeting with the half hour before it, from when the first site was there, to now or to
 * its closing.
 */
export function spanOf(meeting: Meeting, trends: readonly Trend[], now: number): Span {
  const opened = openedOnThisDay(meeting);
  const to = meeting.phase === "closed" ? (meeting.periods.at(-1)?.ended_at ?? now) : now;
  const begin = opened > 0 ? opened - BEFORE_MS : to - LATELY_MS;
  const first = Math.min(to, ...trends.map((trend) => trend.find((point) => point[3] !== "absent")?.[0] ?? to));
  return { from: Math.min(to - LEAST_MS, Math.max(begin, first)), to };
}

const WIDTH = 100;
const HEIGHT = 24;
const OUT: readonly LineWord[] = ["lost", "again", "absent", "voice"];
/** A tenth lost fills the box. */
const FULL_LOSS = 100;
const LEAST_RATE = 500_000;
const LEAST_RTT = 200;

interface Bar {
  readonly x: number;
  readonly width: number;
}

/** In a box of 100 × 24. */
export interface Spark {
  /** The rate up and the round trip, as lines; parts without a line are left out. */
  readonly rate: string;
  readonly rtt: string;
  /** Bars from the bottom: steps with loss. */
  readonly loss: readonly (Bar & { readonly height: number })[];
  /** Where a connection was broken. */
  readonly gaps: readonly Bar[];
  /** Up to where the lines reach. */
  readonly most: { readonly rate: number; readonly rtt: number };
}

const tenths = (value: number): number => Math.round(value * 10) / 10;

/** From the beginning on; how it stood before is the first point. */
function within(trend: Trend, from: number): Trend {
  const first = trend.findLastIndex((point) => point[0] <= from);
  const before = trend[first];
  if (!before) return trend;
  const [at, ...stood] = before;
  return [[Math.max(from, at), ...stood], ...trend.slice(first + 1)];
}

/** One figure as a line, broken where nothing was connected. */
function lined(trend: Trend, x: (at: number) => number, share: (point: TrendPoint) => number): string {
  let isDrawing = false;
  return trend.reduce((path, point) => {
    // Whoever is not expected to send has lost nothing: nothing is drawn before a site comes, or while it telephones.
    if (OUT.includes(point[3])) {
      isDrawing = false;
      return path;
    }
    const step = `${isDrawing ? "L" : "M"}${x(point[0])} ${tenths(HEIGHT - 1 - Math.min(1, share(point)) * (HEIGHT - 2))}`;
    isDrawing = true;
    return path + step;
  }, "");
}

/** The drawing of a trend between two times. */
export function spark(whole: Trend, { from, to }: Span): Spark {
  const trend = within(whole, from);
  const x = (at: number): number => tenths(((at - from) / Math.max(1, to - from)) * WIDTH);
  const bar = (index: number): Bar => {
    const begin = x(trend[index]![0]);
    return { x: begin, width: Math.max(0.6, x(trend[index + 1]?.[0] ?? to) - begin) };
  };
  const most = {
    rate: Math.max(LEAST_RATE, ...trend.map((point) => point[2])),
    rtt: Math.max(LEAST_RTT, ...trend.map((point) => point[4])),
  };
  const there = (index: number): boolean => !OUT.includes(trend[index]![3]);
  const steps = trend.map((_, index) => index);
  return {
    rate: lined(trend, x, (point) => point[2] / most.rate),
    rtt: lined(trend, x, (point) => point[4] / most.rtt),
    loss: steps
      .filter((index) => there(index) && trend[index]![1] >= 10)
      .map((index) => ({ ...bar(index), height: tenths(Math.min(1, trend[index]![1] / FULL_LOSS) * HEIGHT) })),
    gaps: steps.filter((index) => trend[index]![3] === "lost" || trend[index]![3] === "again").map(bar),
    most,
  };
}

/** The worst of a meeting in figures, for whoever reads instead of looking; null where nothing was ever connected. */
export interface Worst {
  readonly loss: number;
  readonly lossAt: number;
  readonly rtt: number;
  readonly rttAt: number;
  readonly rate: number;
  readonly rateAt: number;
}

export function worstOf(whole: Trend, { from }: Span): Worst | null {
  const there = within(whole, from).filter((point) => !OUT.includes(point[3]));
  const most = (of: (point: TrendPoint) => number): TrendPoint | undefined =>
    there.reduce<TrendPoint | undefined>(
      (found, point) => (found && of(found) >= of(point) ? found : point),
      undefined,
    );
  const [loss, rtt, rate] = [most((p) => p[1]), most((p) => p[4]), most((p) => -p[2])];
  if (!loss || !rtt || !rate) return null;
  return { loss: loss[1], lossAt: loss[0], rtt: rtt[4], rttAt: rtt[0], rate: rate[2], rateAt: rate[0] };
}
