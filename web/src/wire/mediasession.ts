/** One media connection to the house (WHIP and WHEP, RFC 9725): it opens, is repaired, and comes back by itself. */

import { NOT_OURS, Problem, UNREACHABLE } from "./http";
import { arrived, Stall, watchLine } from "./stall";

/** connecting: not yet; live: packets flow; interrupted: being repaired; closed: ended for good, see `problem`. */
export type LineState = "connecting" | "live" | "interrupted" | "closed";

/** Why the server ended a session: the `gone` status. */
export type Farewell = "closed" | "lost" | "failed" | "revoked";

/** What the outside world is to this file; tests give their own. */
export interface World {
  peer: (servers: RTCIceServer[]) => RTCPeerConnection;
  fetch: typeof fetch;
  wait: (milliseconds: number) => Promise<void>;
  /** What pictures this browser can send can be coded in. */
  codecs?: () => RTCRtpCodec[];
  /** Calls twice a second, with true when the device has another network; without it nobody looks. */
  watch?: (look: (isChanged: boolean) => void) => () => void;
}

export const browser: World = {
  peer: (servers) => new RTCPeerConnection({ iceServers: servers, bundlePolicy: "max-bundle" }),
  fetch: (input, init) => fetch(input, init),
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  codecs: () => RTCRtpSender.getCapabilities("video")?.codecs ?? [],
  watch: watchLine,
};

const SDP = "application/sdp";
const FRAGMENT = "application/trickle-ice-sdpfrag";
/** A dead line would let the question hang until the system gives up. */
const RESTART_MS = 2_000;
const PAUSES = [300, 1_000, 2_000, 4_000, 8_000];
/** The relays of a `Link` header (RFC 9725 §4.6). */
export function readRelays(link: string | null): RTCIceServer[] {
  const servers: RTCIceServer[] = [];
  for (const [, url, rest] of (link ?? "").matchAll(/<([^>]+)>((?:\s*;\s*[\w-]+="[^"]*")*)/g)) {
    const words = new Map([...(rest ?? "").matchAll(/([\w-]+)="([^"]*)"/g)].map((one) => [one[1], one[2]]));
    if (words.get("rel") !== "ice-server" || url === undefined) continue;
    servers.push({ urls: url, username: words.get("username") ?? "", credential: words.get("credential") ?? "" });
  }
  return servers;
}

/** The (ufrag, password) that stand first in a description or a fragment. */
export function readCredentials(sdp: string): { ufrag: string; password: string } | null {
  const ufrag = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
  const password = /^a=ice-pwd:(\S+)/m.exec(sdp)?.[1];
  return ufrag === undefined || password === undefined ? null : { ufrag, password };
}

/** The answer as it stands after an ICE restart. */
export function withCredentials(sdp: string, fragment: string): string {
  const fresh = readCredentials(fragment);
  if (fresh === null) return sdp;
  return sdp
    .replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${fresh.ufrag}`)
    .replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${fresh.password}`);
}

/** One connection that comes back by itself: by ICE restart when the line stumbles, anew when that is not enough. */
export abstract class Line {
  state: LineState = "connecting";
  problem: Problem | null = null;
  /** Called after every change of `state`. */
  onState: ((state: LineState) => void) | null = null;
  /** The server's name for the present session, as it stands in its observations. */
  session = "";

  protected connection: RTCPeerConnection | null = null;
  private place = "";
  private restarting = false;
  /** A restart was begun that the server does not know of yet. */
  private isUnanswered = false;
  private unwatch: (() => void) | null = null;
  private attempt = 0;

  constructor(
    private readonly door: string,
    protected readonly world: World = browser,
  ) {}

  /** Adds what is sent or received, before each offer. */
  protected abstract furnish(connection: RTCPeerConnection): void;

  /** Called twice a second with how the connection fares. */
  protected seen(_report: RTCStatsReport): void {}

  /** Connect, and stay connected until `close`; resolves when the first answer is in, rejects with a `Problem`. */
  async open(): Promise<void> {
    await this.begin(++this.attempt);
  }

  private async begin(mine: number): Promise<void> {
    this.drop();
    const connection = this.world.peer(await this.relays());
    if (mine !== this.attempt) return connection.close();
    this.connection = connection;
    connection.onconnectionstatechange = () => this.follow(connection);
    connection.oniceconnectionstatechange = () => this.follow(connection);
    const stall = new Stall();
    this.unwatch = this.world.watch?.((isChanged) => void this.inspect(connection, stall, isChanged)) ?? null;
    this.furnish(connection);
    await connection.setLocalDescription(await connection.createOffer());
    const answer = await this.ask("POST", this.door, connection.localDescription?.sdp ?? "", SDP);
    const [place, sdp] = [answer.headers.get("Location") ?? "", await answer.text()];
    // Another attempt has begun meanwhile: the names are its own, and this session is given back.
    if (mine !== this.attempt) return this.forget(place);
    this.place = place;
    this.session = place.split("/").pop()?.split("?")[0] ?? "";
    await connection.setRemoteDescription({ type: "answer", sdp });
  }

  /** How the connection fares, as the browser sees it. */
  async statistics(): Promise<RTCStatsReport | null> {
    return (await this.connection?.getStats()) ?? null;
  }

  /** The server's address and port, as it names them first in its answer; empty before there is one. */
  get server(): string {
    const sdp = this.connection?.remoteDescription?.sdp ?? "";
    const [, address = "", port = ""] = /^a=candidate:\S+ \d \S+ \d+ (\S+) (\d+)/m.exec(sdp) ?? [];
    return address === "" ? "" : `${address}:${port}`;
  }

  /** End for good. */
  async close(problem: Problem | null = null): Promise<void> {
    this.attempt++;
    this.problem = problem;
    this.drop();
    this.change("closed");
    await this.forget();
  }

  /** The server has ended this session (browsers do not notice): stop when it was revoked, else come again. */
  goodbye(session: string, reason: Farewell): void {
    if (session !== this.session || this.state === "closed") return;
    this.place = "";
    if (reason === "revoked") void this.close();
    else void this.again();
  }

  private follow(connection: RTCPeerConnection): void {
    if (connection !== this.connection || this.state === "closed") return;
    const [whole, ice] = [connection.connectionState, connection.iceConnectionState];
    if (whole === "connected" && ice !== "disconnected") this.change("live");
    else if (whole === "failed" || ice === "failed") void this.again();
    else if (ice === "disconnected") void this.repair(connection);
  }

  /** The line stumbled: new credentials and new candidates, same keys. Waiting for `failed` would take 17 s. */
  private async repair(connection: RTCPeerConnection): Promise<void> {
    this.change("interrupted");
    await this.mend(connection);
  }

  /** Packets have stopped, or the network has changed: do not wait for the browser to notice. */
  private async inspect(connection: RTCPeerConnection, stall: Stall, isChanged: boolean): Promise<void> {
    if (connection !== this.connection || this.state === "connecting" || this.state === "closed") return;
    const report = await connection.getStats();
    const isSilent = stall.look(arrived(report.values()), performance.now());
    this.seen(report);
    if (isChanged || isSilent || this.isUnanswered) await this.mend(connection, isChanged);
  }

  private async mend(connection: RTCPeerConnection, isChanged = false): Promise<void> {
    if (this.restarting || this.place === "" || connection !== this.connection) return;
    this.restarting = true;
    try {
      await this.restart(connection, isChanged);
    } catch (error) {
      // Without a line there is no answer either: the next look, or `failed`, tries again.
      if (error instanceof Problem && error.status >= 400 && connection === this.connection) void this.again();
    } finally {
      this.restarting = false;
    }
  }

  private async restart(connection: RTCPeerConnection, isChanged: boolean): Promise<void> {
    const before = connection.remoteDescription?.sdp ?? "";
    // While nobody answers the same is asked again: new candidates every time would cost a tablet half of a core.
    const isRepeated = this.isUnanswered && !isChanged;
    if (!isRepeated) {
      this.isUnanswered = true;
      connection.restartIce();
      await connection.setLocalDescription(await connection.createOffer());
    }
    const fresh = readCredentials(connection.localDescription?.sdp ?? "");
    if (fresh === null) return;
    const fragment = `a=ice-ufrag:${fresh.ufrag}\r\na=ice-pwd:${fresh.password}\r\n`;
    const answer = await this.ask("PATCH", this.place, fragment, FRAGMENT, { "If-Match": "*" });
    // A relay cannot be gathered without a line, and an answer that was lost is not given twice: anew, now that it can.
    if (isRepeated && connection === this.connection) return this.restart(connection, true);
    this.isUnanswered = false;
    const sdp = withCredentials(before, await answer.text());
    if (connection === this.connection) await connection.setRemoteDescription({ type: "answer", sdp });
  }

  /** A session from the beginning, again and again with growing pauses, until it stands or is refused. */
  protected async again(): Promise<void> {
    const mine = ++this.attempt;
    this.change("interrupted");
    // What is said of the old session from now on, its goodbye above all, is none of our business.
    this.session = "";
    await this.forget();
    for (let count = 0; ; count++) {
      await this.world.wait(PAUSES[Math.min(count, PAUSES.length - 1)] ?? 0);
      if (mine !== this.attempt) return;
      try {
        return await this.begin(mine);
      } catch (error) {
        // A refusal ends the line; an unreachable server does not.
        if (error instanceof Problem && [401, 403].includes(error.status)) return this.close(error);
      }
    }
  }

  private async relays(): Promise<RTCIceServer[]> {
    const answer = await this.ask("OPTIONS", this.door);
    return readRelays(answer.headers.get("Link"));
  }

  private async ask(
    method: string,
    path: string,
    body?: string,
    type?: string,
    more: Record<string, string> = {},
  ): Promise<Response> {
    const headers: Record<string, string> = { ...more, ...(type === undefined ? {} : { "Content-Type": type }) };
    const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store", redirect: "error" };
    if (body !== undefined) init.body = body;
    if (method === "PATCH") init.signal = AbortSignal.timeout(RESTART_MS);
    const answer = await this.world.fetch(path, init).catch(() => {
      throw new Problem(UNREACHABLE);
    });
    if (answer.ok) return answer;
    throw await refusal(answer);
  }

  private async forget(place = this.place): Promise<void> {
    if (place === this.place) this.place = "";
    if (place !== "") await this.ask("DELETE", place).catch(() => undefined);
  }

  private drop(): void {
    const old = this.connection;
    this.connection = null;
    this.isUnanswered = false;
    this.unwatch?.();
    this.unwatch = null;
    old?.close();
  }

  private change(state: LineState): void {
    if (this.state === state) return;
    this.state = state;
    this.onState?.(state);
  }
}

async function refusal(answer: Response): Promise<Problem> {
  const content: unknown = await answer.json().catch(() => null);
  if (typeof content !== "object" || content === null || !("code" in content)) {
    return new Problem(answer.status >= 500 ? UNREACHABLE : NOT_OURS, {}, answer.status);
  }
  const details = "details" in content && typeof content.details === "object" ? content.details : {};
  return new Problem(String(content.code), { ...details }, answer.status);
}
