/** The camera and the microphone of this device: opened, chosen, measured, and opened again when they were unplugged. */
import { UNHURRIED, loudness } from "../core/conferencesound";

export type DeviceKind = "audioinput" | "videoinput" | "audiooutput";

/** refused: the browser was told no; missing: there is none, or another programme holds it. */
export type DeviceTrouble = "refused" | "missing";

const KEPT = "hopso.devices";
const METER_MS = 100;
const AGAIN_MS = 4_000;
const PICTURE: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 25, max: 30 },
};
const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export class ConferenceDevices {
  /** What is sent, always the same object; its tracks come and go with the devices. Null until there is any. */
  stream = $state.raw<MediaStream | null>(null);
  /** The own picture, to be shown here. */
  camera = $state.raw<MediaStreamTrack | null>(null);
  /** What is sent of the microphone; a copy, so that the meter hears it also while it is closed. */
  sent = $state.raw<MediaStreamTrack | null>(null);
  trouble = $state.raw<DeviceTrouble | null>(null);
  /** 0 to 1; null while nothing can be measured. */
  level = $state.raw<number | null>(null);
  known = $state.raw<readonly MediaDeviceInfo[]>([]);
  chosen = $state.raw<Partial<Record<DeviceKind, string>>>(kept());

  private raw: MediaStreamTrack | null = null;
  private sound: AudioContext | null = null;
  private meter: ReturnType<typeof setInterval> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;
  private asked = 0;

  constructor(
    /** Called after the tracks have changed: the sender replaces its own. */
    private readonly onChange: () => void,
    private readonly media: MediaDevices | undefined = navigator.mediaDevices,
  ) {
    this.media?.addEventListener("devicechange", this.changed);
  }

  /** Open both, or whichever there is; what is missing is looked for again. */
  async open(): Promise<void> {
    clearTimeout(this.again);
    const mine = ++this.asked;
    const [picture, sound] = await Promise.all([
      this.camera ? null : this.ask({ video: { ...PICTURE, ...this.wish("videoinput") } }),
      this.raw ? null : this.ask({ audio: { ...SOUND, ...this.wish("audioinput") } }),
    ]);
    // Asked anew meanwhile, because a device was plugged in or another one chosen: what comes then is taken.
    if (this.isClosed || mine !== this.asked) {
      for (const track of [...(picture?.getTracks() ?? []), ...(sound?.getTracks() ?? [])]) track.stop();
      return;
    }
    if (picture) this.take(picture.getVideoTracks()[0]);
    if (sound) this.take(sound.getAudioTracks()[0]);
    if (picture || sound) this.onChange();
    if (this.camera && this.raw) this.trouble = null;
    else this.again = setTimeout(() => void this.open(), AGAIN_MS);
    this.known = (await this.media?.enumerateDevices().catch(() => [])) ?? [];
  }

  /** Another camera or microphone, kept on this device. */
  async choose(kind: DeviceKind, id: string): Promise<void> {
    this.chosen = { ...this.chosen, [kind]: id };
    localStorage.setItem(KEPT, JSON.stringify(this.chosen));
    if (kind === "videoinput") this.drop("video");
    else if (kind === "audioinput") this.drop("audio");
    if (kind !== "audiooutput") await this.open();
  }

  /** Browsers start sound only after a touch where nothing is recorded yet. */
  resume(): void {
    void this.sound?.resume();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.again);
    this.media?.removeEventListener("devicechange", this.changed);
    this.drop("video");
    this.drop("audio");
  }

  private readonly changed = (): void => {
    if (!this.isClosed && (!this.camera || !this.raw)) void this.open();
  };

  private wish(kind: DeviceKind): MediaTrackConstraints {
    const id = this.chosen[kind];
    return id ? { deviceId: { ideal: id } } : {};
  }

  private async ask(wanted: MediaStreamConstraints): Promise<MediaStream | null> {
    try {
      return (await this.media?.getUserMedia(wanted)) ?? null;
    } catch (error) {
      this.trouble = error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "missing";
      return null;
    }
  }

  private take(track: MediaStreamTrack | undefined): void {
    if (!track) return;
    track.addEventListener("ended", () => this.lost(track));
    this.stream ??= new MediaStream();
    if (track.kind === "video") {
      this.camera = track;
      this.stream.addTrack(track);
    } else {
      this.raw = track;
      this.sent = track.clone();
      this.sent.enabled = false;
      this.stream.addTrack(this.sent);
      this.measure(track);
    }
  }

  private lost(track: MediaStreamTrack): void {
    if (track !== this.camera && track !== this.raw) return;
    this.trouble = "missing";
    this.drop(track.kind);
    void this.open();
  }

  private drop(kind: string): void {
    const gone = kind === "video" ? [this.camera] : [this.raw, this.sent];
    for (const track of gone) {
      if (track) this.stream?.removeTrack(track);
      track?.stop();
    }
    if (kind === "video") this.camera = null;
    else {
      [this.raw, this.sent, this.level] = [null, null, null];
      clearInterval(this.meter);
      void this.sound?.close();
      this.sound = null;
    }
    if (!this.isClosed) this.onChange();
  }

  private measure(track: MediaStreamTrack): void {
    if (typeof AudioContext === "undefined") return;
    const sound = (this.sound = new AudioContext(UNHURRIED));
    const analyser = sound.createAnalyser();
    analyser.fftSize = 1024;
    sound.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.meter = setInterval(() => {
      if (sound.state !== "running") return;
      analyser.getFloatTimeDomainData(samples);
      this.level = Math.round(loudness(samples) * 50) / 50;
    }, METER_MS);
  }
}

function kept(): Partial<Record<DeviceKind, string>> {
  try {
    const known: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return typeof known === "object" && known !== null ? known : {};
  } catch {
    return {}; // another programme wrote there
  }
}
