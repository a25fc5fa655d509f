/** Measuring a line: a loop through the house's own forwarder, and samples over HTTPS. No DOM but WebRTC and fetch. */

import { lostBetween, type Statistic, type Tally, tally } from "../core/linereport";
import { doorsOf, type Measured } from "../core/linetest";
import { browser, Publisher, Receiver, type World } from "./media";

const OPEN_MS = 9_000;
const SETTLE_MS = 3_000;
const WATCH_MS = 6_000;
const FIRST_OCTETS = 256 * 1024;
const NEXT_OCTETS = 2 * 1024 * 1024;
const SLOW_MS = 1_500;
const PATIENCE_MS = 20_000;
/** A relay that lets nobody in says so by silence. */
const DOOR_MS = 8_000;

export type Phase = "route" | "relay" | "media" | "sample";

interface Loop {
  readonly up: Publisher;
  readonly down: Receiver;
}

/** Only the direct way, or only the relay. */
function ways(isRelayed: boolean, seen: (relays: readonly RTCIceServer[]) => void): World {
  return {
    ...browser,
    peer: (servers) => {
      seen(servers);
      return isRelayed
        ? new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: "relay", bundlePolicy: "max-bundle" })
        : new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    },
  };
}

/** Says what is being measured, and for how many seconds still where that is known. */
export type Telling = (phase: Phase, seconds: number) => void;

/** Try the direct way, then the relay; watch what is lost for some seconds; then how much the line carries. */
export async function measure(
  names: { readonly meeting: string; readonly me: string },
  stream: MediaStream,
  now: Telling,
): Promise<Measured> {
  const conference = `line-test.${names.meeting}.${names.me}`;
  let server = "";
  let relays: readonly RTCIceServer[] = [];
  let shut: readonly string[] = [];
  let route: Measured["route"] = "none";
  let watched = { up_loss: 0, down_loss: 0, rtt_ms: 0 };
  for (const way of ["udp", "relay"] as const) {
    now(way === "udp" ? "route" : "relay", 0);
    const loop = open(
      conference,
      stream,
      ways(way === "relay", (known) => (relays = known)),
    );
    const [isOpen, found] = await Promise.all([stands(loop), way === "relay" ? shutDoors(relays) : []]);
    shut = found;
    server = loop.up.server || server;
    if (isOpen) {
      route = way;
      watched = await watch(loop, now);
    }
    await Promise.all([loop.up.close(), loop.down.close()]);
    if (isOpen || relays.length === 0) break;
  }
  now("sample", 0);
  const doors = { relay: doorsOf(addresses(relays)), shut: doorsOf(shut) };
  return { route, server, ...doors, ...watched, down_bps: await download(), up_bps: await upload() };
}

function open(conference: string, stream: MediaStream, world: World): Loop {
  return {
    up: new Publisher(conference, stream, { layers: false }, world),
    down: new Receiver(conference, 1, world, "echo"),
  };
}

/** Whether both ways stand before patience ends. */
async function stands({ up, down }: Loop): Promise<boolean> {
  const live = [up, down].map(
    (line) =>
      new Promise<void>((done, refuse) => {
        line.onState = (state) =>
          state === "live" ? done() : state === "closed" ? refuse(new Error(state)) : undefined;
        line.open().catch(refuse);
      }),
  );
  const patience = new Promise<boolean>((done) => setTimeout(() => done(false), OPEN_MS));
  return Promise.race([Promise.all(live).then(() => true), patience]).catch(() => false);
}

async function counters(loop: Loop): Promise<Tally> {
  const both = await Promise.all([loop.up.statistics(), loop.down.statistics()]);
  return tally(both.flatMap((one) => [...(one?.values() ?? [])] as Statistic[]));
}

function addresses(relays: readonly RTCIceServer[]): string[] {
  return relays.flatMap(({ urls }) => urls);
}

/** The relay's addresses at which it gave no place; all are asked at once. */
async function shutDoors(relays: readonly RTCIceServer[]): Promise<string[]> {
  const doors = relays.flatMap((one) => addresses([one]).map((urls) => ({ ...one, urls })));
  const open = await Promise.all(doors.map(letsIn));
  return doors.filter((_, at) => !open[at]).map((one) => one.urls);
}

async function letsIn(door: RTCIceServer): Promise<boolean> {
  const asking = new RTCPeerConnection({ iceServers: [door], iceTransportPolicy: "relay" });
  const answer = new Promise<boolean>((done) => {
    asking.onicecandidate = ({ candidate }) => done(candidate !== null && candidate.candidate !== "");
    setTimeout(() => done(false), DOOR_MS);
  });
  try {
    asking.createDataChannel("");
    await asking.setLocalDescription();
    return await answer;
  } finally {
    asking.close();
  }
}

async function watch(loop: Loop, now: Telling): Promise<Pick<Measured, "up_loss" | "down_loss" | "rtt_ms">> {
  for (let left = SETTLE_MS; left > 0; left -= 1_000) {
    now("media", (left + WATCH_MS) / 1_000);
    await pause(1_000);
  }
  const before = await counters(loop);
  let up = 0;
  let after = before;
  for (let passed = 0; passed < WATCH_MS; passed += 1_000) {
    now("media", (WATCH_MS - passed) / 1_000);
    await pause(1_000);
    after = await counters(loop);
    up = Math.max(up, after.lostUp);
  }
  return {
    up_loss: Math.round(up * 1000),
    down_loss: lostBetween(before, after),
    rtt_ms: Math.round(after.rtt * 1000),
  };
}

/** Bits a second: a small sample, and a larger one where the small one was quick. */
async function rate(sample: (octets: number) => Promise<void>): Promise<number> {
  let found = 0;
  for (const octets of [FIRST_OCTETS, NEXT_OCTETS]) {
    const began = performance.now();
    try {
      await sample(octets);
    } catch {
      return found;
    }
    const passed = Math.max(1, performance.now() - began);
    found = Math.round((octets * 8_000) / passed);
    if (passed > SLOW_MS) break;
  }
  return Math.min(found, 1_000_000_000);
}

function download(): Promise<number> {
  return rate(async (octets) => {
    const answer = await within(`/api/line-sample?octets=${octets}`, {});
    await answer.arrayBuffer();
  });
}

function upload(): Promise<number> {
  return rate(async (octets) => {
    const body = new Uint8Array(octets);
    // Zeroes would be made small on the way.
    for (let at = 0; at < octets; at += 65_536) crypto.getRandomValues(body.subarray(at, at + 65_536));
    const headers = { "Content-Type": "application/octet-stream" };
    await within("/api/line-sample", { method: "POST", body, headers });
  });
}

async function within(path: string, init: RequestInit): Promise<Response> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(path, { ...init, cache: "no-store", credentials: "same-origin", signal: stop.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
