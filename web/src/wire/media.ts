/** The conference from the browser: one connection up, one down, each negotiated once, with fixed slots. */

import { codecOf, type Coding, offering } from "../core/coding";
import { sendable, ThinLine } from "../core/thinline";
import { browser, Line, type World } from "./mediasession";

export { browser, type Farewell, Line, type LineState, type World } from "./mediasession";

export type Layer = "l" | "m" | "h";
export type Source = "camera" | "screen";

declare global {
  interface RTCRtpEncodingParameters {
    /** What it is coded in (W3C webrtc-extensions): Chromium and Firefox heed it, TypeScript does not know it yet. */
    codec?: RTCRtpCodec;
  }
}

const AUDIO_SLOTS = 3;

/** Everybody gets every picture of a layer: temporal layers would only cost (W3C WebRTC-SVC; the default is L1T3). */
const PLAIN = { scalabilityMode: "L1T1" };

/** What the camera sends, smallest first: a quarter, a half, and the whole of its width. */
export const LAYERS: readonly (RTCRtpEncodingParameters & typeof PLAIN)[] = [
  { rid: "l", scaleResolutionDownBy: 4, maxBitrate: 150_000, ...PLAIN },
  { rid: "m", scaleResolutionDownBy: 2, maxBitrate: 500_000, ...PLAIN },
  { rid: "h", scaleResolutionDownBy: 1, maxBitrate: 2_500_000, ...PLAIN },
];

/** Sends a camera with its microphone, or a shared screen. */
export class Publisher extends Line {
  private picture: RTCRtpSender | null = null;
  private sound: RTCRtpSender | null = null;
  private active: Partial<Record<Layer, boolean>> = {};
  private readonly thin = new ThinLine();
  /** Of what nothing is sent: a camera that was turned off is not seen either while its line begins anew. */
  private readonly resting = new Set<"audio" | "video">();
  /** What is sent now, and what was offered alone because this browser changes it in no other way. */
  private coding: Coding = "VP8";
  private only: Coding | null = null;

  constructor(
    conference: string,
    private stream: MediaStream,
    /** `layers` false sends one layer only: for screens, and cameras too small to be divided. */
    private readonly options: { source?: Source; layers?: boolean } = {},
    world: World = browser,
  ) {
    super(`/api/media/${conference}/up${options.source === "screen" ? "?source=screen" : ""}`, world);
  }

  protected furnish(connection: RTCPeerConnection): void {
    const [video] = this.stream.getVideoTracks();
    const [audio] = this.stream.getAudioTracks();
    const layered = this.options.layers !== false && this.options.source !== "screen";
    const encodings = LAYERS.map((one) => ({ ...one, active: this.active[one.rid as Layer] ?? true }));
    const sending: RTCRtpTransceiverInit = { direction: "sendonly", streams: [this.stream] };
    this.sound = audio ? connection.addTransceiver(audio, sending).sender : null;
    const init = layered ? { ...sending, sendEncodings: encodings } : sending;
    const pictures = video ? connection.addTransceiver(video, init) : null;
    this.coding = this.only ?? "VP8";
    if (this.only !== null) pictures?.setCodecPreferences(offering(this.only, this.world.codecs?.() ?? []));
    this.picture = pictures?.sender ?? null;
    for (const kind of this.resting) void this.senderOf(kind)?.replaceTrack(null);
  }

  /** Another camera or microphone, without negotiation; null sends nothing of that kind. */
  async replace(kind: "audio" | "video", track: MediaStreamTrack | null): Promise<void> {
    if (track === null) this.resting.add(kind);
    else this.resting.delete(kind);
    await this.senderOf(kind)?.replaceTrack(track);
  }

  private senderOf(kind: "audio" | "video"): RTCRtpSender | null {
    return kind === "audio" ? this.sound : this.picture;
  }

  private changing: Promise<void> = Promise.resolve();

  /** Which layers anybody receives: the `layers` observation of this session. */
  async setActive(session: string, active: Partial<Record<Layer, boolean>>): Promise<void> {
    if (session !== this.session || this.picture === null) return;
    this.active = active;
    await this.queue(() => this.sendActive());
  }

  /** What pictures should be coded in: the `coding` observation of this session. Where it was not agreed nothing changes. */
  async setCoding(session: string, coding: Coding): Promise<void> {
    await this.queue(() => this.recode(session, coding));
  }

  /** One after the other: what getParameters() gives is good for one setParameters() only (W3C WebRTC, 5.2). */
  private queue(next: () => Promise<void>): Promise<void> {
    return (this.changing = this.changing.then(next, next));
  }

  /** Without negotiation where the browser knows how (W3C webrtc-extensions); else the camera's line begins anew. */
  private async recode(session: string, coding: Coding): Promise<void> {
    if (this.picture === null || session !== this.session || coding === this.coding) return;
    const parameters = this.picture.getParameters();
    const codec = codecOf(coding, parameters.codecs);
    if (codec === undefined && this.only === null) return;
    for (const encoding of parameters.encodings) if (codec !== undefined) encoding.codec = codec;
    // Without a free encoder it stays as it is: whoever sees nothing is told so by the house.
    if (codec !== undefined && !(await accepted(this.picture.setParameters(parameters)))) return;
    this.coding = coding;
    if (codec !== undefined && this.picture.getParameters().encodings.every((one) => one.codec !== undefined)) return;
    this.only = coding === "VP8" ? null : coding;
    void this.again();
  }

  /** Sound comes first: on a line too thin for both the camera rests, and is tried again by itself. */
  protected override seen(report: RTCStatsReport): void {
    if (this.options.source === "screen") return;
    const before = this.thin.isThin;
    if (this.picture?.track) this.thin.look(sendable(report.values()), performance.now());
    else this.thin.forget();
    if (this.thin.isThin === before) return;
    void this.queue(() => this.sendActive());
  }

  private async sendActive(): Promise<void> {
    if (this.picture === null) return;
    const parameters = this.picture.getParameters();
    for (const encoding of parameters.encodings) {
      encoding.active = !this.thin.isThin && (this.active[encoding.rid as Layer] ?? true);
    }
    await this.picture.setParameters(parameters);
  }
}

async function accepted(change: Promise<void>): Promise<boolean> {
  return change.then(
    () => true,
    () => false,
  );
}

/** Receives the conference in fixed slots; who is in which is told by the `media.slots` status. */
export class Receiver extends Line {
  /** Sound slot 0 and video slot 0: always the same site, lips and voice together. */
  readonly stage = new MediaStream();
  /** One stream per video slot; the first is the stage's picture alone. */
  readonly video: MediaStream[];
  /** The two other voices. */
  readonly voices: MediaStream[] = [new MediaStream(), new MediaStream()];
  readonly screen = new MediaStream();
  /** Called when a slot has a new track, also after a reconnection. */
  onTrack: (() => void) | null = null;

  /** `as` names another screen of the same principal, beside the one it has. */
  constructor(conference: string, videoSlots: number, world: World = browser, as: "" | "wall" | "desk" | "echo" = "") {
    super(`/api/media/${conference}/down${as === "" ? "" : `?as=${as}`}`, world);
    this.video = Array.from({ length: videoSlots }, () => new MediaStream());
  }

  protected furnish(connection: RTCPeerConnection): void {
    this.empty();
    const receiving: RTCRtpTransceiverInit = { direction: "recvonly" };
    const [first, ...voices] = Array.from({ length: AUDIO_SLOTS }, () => connection.addTransceiver("audio", receiving));
    const pictures = this.video.map(() => connection.addTransceiver("video", receiving));
    this.fill(this.stage, first);
    voices.forEach((one, index) => this.fill(this.voices[index], one));
    pictures.forEach((one, index) => this.fill(this.video[index], one));
    this.fill(this.stage, pictures[0]);
    // Of two or more video lines the last is the shared screen; without any picture there is sound only.
    if (pictures.length > 0) this.fill(this.screen, connection.addTransceiver("video", receiving));
    connection.ontrack = () => this.onTrack?.();
  }

  private fill(stream: MediaStream | undefined, from: RTCRtpTransceiver | undefined): void {
    if (from) stream?.addTrack(from.receiver.track);
  }

  private empty(): void {
    for (const stream of [this.stage, this.screen, ...this.voices, ...this.video]) {
      for (const track of stream.getTracks()) stream.removeTrack(track);
    }
  }
}
