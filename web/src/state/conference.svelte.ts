/** The conference on this device: joins with the meeting, sends where it may, receives, and says how it stands. */
import { untrack } from "svelte";
import { grants, isLocked, sendsItself, takesPart } from "../core/conference";
import {
  holdsFloor,
  isGranted,
  type Microphone,
  microphoneOf,
  opensAt as opensWith,
  WARNING_MS,
} from "../core/conferencemicrophone";
import { readSeats, type Seats } from "../core/conferenceseats";
import { Silence } from "../core/conferencesound";
import { type Layer, type LineState, Publisher, Receiver, type World, browser } from "../wire/media";
import { ConferenceDevices } from "./conferencedevices.svelte";
import { type CodingTold, isReplaced, keepOpen, receiveFor, type Told } from "./conferencelines";
import type { MeetingState } from "./meeting.svelte";

export interface ConferenceWishes {
  /** Pictures received beside the shared screen; and how many where this device takes part by itself. */
  slots: number;
  slotsAlone?: number;
  /** Whether this device sends where the meeting lets it; a hall screen never does. */
  sends?: boolean;
  world?: World;
}

const MUTED = "hopso.muted";
const BEAT_MS = 250;
const MUTED_OFF: Microphone = { state: "off", why: "over", seconds: 0 };
/** Cameras smaller than this are not worth dividing into layers. */
const LAYERED_WIDTH = 640;

export class Conference {
  receiver = $state.raw<Receiver | null>(null);
  receiving = $state.raw<LineState>("connecting");
  sending = $state.raw<LineState>("connecting");
  /** Counts new tracks: a picture on screen begins anew. */
  tracks = $state(0);
  devices = $state.raw<ConferenceDevices | null>(null);
  muted = $state(false);
  testing = $state(false);
  cameraOff = $state(false);
  /** An open microphone that says nothing. */
  silent = $state(false);
  /** Another device of the same name took over; `rejoin` takes it back. */
  replaced = $state(false);

  private publisher: Publisher | null = null;
  private opensAt = $state(0);
  /** The speech that opens the microphone; empty where the desk's hand does. */
  private opensFor = $state("");
  private now = $state(0);
  private wasGranted: boolean | null = null;
  /** What this hand asked the meeting last, and the version at which the meeting shows it. */
  private asked: { readonly closed: boolean; seenAt: number } | null = null;
  private readonly silence = new Silence();
  private readonly end: () => void;

  constructor(
    readonly standing: MeetingState,
    private readonly wishes: ConferenceWishes,
  ) {
    this.end = $effect.root(() => this.live());
  }

  get me(): string {
    return this.standing.me;
  }

  private readonly meeting = $derived.by(() => this.standing.meeting);
  readonly granted = $derived.by(() => (this.meeting ? grants(this.meeting) : null));
  readonly receives = $derived.by(() => this.meeting !== null && !this.replaced && takesPart(this.meeting, this.me));
  /** Whether this device's camera and microphone belong to the conference. */
  readonly sends = $derived.by(
    () => this.wishes.sends !== false && this.meeting !== null && !this.replaced && sendsItself(this.meeting, this.me),
  );
  /** Ordered by a technician for a weak line: no pictures, neither sent nor received. */
  readonly audioOnly = $derived.by(
    () =>
      (this.standing.statuses[`line.order:${this.me}`] as { audio_only?: boolean } | null | undefined)?.audio_only ===
      true,
  );
  private readonly slots = $derived.by(() =>
    this.audioOnly ? 0 : (this.sends && this.wishes.slotsAlone) || this.wishes.slots,
  );
  readonly seats = $derived.by((): Seats => readSeats(this.standing.statuses[`media.slots:${this.me}`]));
  readonly isHeard = $derived.by(() => this.meeting !== null && this.sends && isGranted(this.meeting, this.me));
  readonly microphone = $derived.by((): Microphone => {
    if (this.meeting === null) return MUTED_OFF;
    const { muted, testing, now } = this;
    const speech = this.meeting.speaking;
    // The chair may have it open at once: then what the speech says counts, not what was counted here.
    const opensAt = speech && speech.id === this.opensFor ? opensWith(speech) : this.opensAt;
    return microphoneOf(this.meeting, this.me, { muted, testing, opensAt, now });
  });
  readonly isLive = $derived.by(() => this.microphone.state === "live");
  private readonly told = $derived.by(() => (this.standing.statuses[`media.camera:${this.me}`] ?? null) as Told | null);

  /**
   * Close or open the own microphone; who holds the floor tells the meeting too. So does whoever may not open it again:
   * then it is closed in truth, and the desk or the technician opens it.
   */
  async mute(muted: boolean): Promise<void> {
    this.muted = muted;
    const meeting = this.meeting;
    keepMuted(muted ? (meeting?.speaking?.id ?? "") : "");
    if (!meeting || !(holdsFloor(meeting, this.me) || (muted && isLocked(meeting, this.me)))) return;
    const isSeen = this.asked === null || this.standing.version >= this.asked.seenAt;
    const isClosed = isSeen ? meeting.microphones[this.me] === "closed" : this.asked?.closed;
    if (muted === isClosed) return;
    const asked = (this.asked = { closed: muted, seenAt: Infinity });
    const answer = await this.standing.command({ type: "microphone.close", closed: muted });
    asked.seenAt = answer.ok ? answer.version : 0;
    this.openedBy = muted ? "" : this.floor;
  }

  /** Take part on this device again. */
  rejoin(): void {
    this.replaced = false;
  }

  async turnCamera(off: boolean): Promise<void> {
    this.cameraOff = off;
    await this.showCamera();
  }

  /** How the sending line fares, as the browser sees it. */
  async statistics(): Promise<RTCStatsReport | null> {
    return (await this.publisher?.statistics()) ?? null;
  }

  close(): void {
    this.end();
  }

  private live(): void {
    $effect(() => {
      const [receives, slots] = [this.receives, this.slots];
      return receives ? untrack(() => this.receive(slots)) : undefined;
    });
    $effect(() => (this.sends ? untrack(() => this.publish()) : undefined));
    $effect(() => {
      const [isHeard, isKnown] = [this.isHeard, this.meeting !== null];
      untrack(() => isKnown && this.heard(isHeard));
    });
    $effect(() => {
      if (this.devices?.sent) this.devices.sent.enabled = this.isLive;
    });
    $effect(() => {
      void this.audioOnly;
      untrack(() => void this.showCamera());
    });
    $effect(() => {
      if (this.meeting?.phase !== "published") this.testing = false;
    });
    $effect(() => {
      const told = this.told;
      untrack(() => this.heed(told));
    });
    $effect(() => {
      const layers = this.standing.statuses[`media.layers:${this.me}`] as LayersTold | undefined;
      if (layers) void this.publisher?.setActive(layers.session, layers.active);
    });
    $effect(() => {
      const told = this.standing.statuses[`media.coding.camera:${this.me}`] as CodingTold | undefined;
      if (told) void this.publisher?.setCoding(told.session, told.codec);
    });
    $effect(() => {
      const beat = setInterval(() => this.beat(), BEAT_MS);
      return () => clearInterval(beat);
    });
  }

  private receive(slots: number): () => void {
    return receiveFor(this, new Receiver(this.standing.id, slots, this.wishes.world ?? browser));
  }

  /** Camera and microphone are opened once; the line to the house is made anew whenever a kind of track comes. */
  private publish(): () => void {
    const devices = new ConferenceDevices(() => this.supply(devices));
    this.devices = devices;
    void devices.open();
    return () => {
      this.devices = null;
      devices.close();
      void this.publisher?.close();
      this.publisher = null;
    };
  }

  private kinds = "";

  private supply(devices: ConferenceDevices): void {
    const stream = devices.stream;
    const kinds = `${devices.camera?.kind ?? ""}${devices.sent?.kind ?? ""}`;
    if (this.publisher !== null && this.kinds === kinds) {
      void this.publisher.replace("audio", devices.sent);
      return void this.showCamera();
    }
    // A device was taken out: the line keeps its place for another one of the same kind.
    if (this.publisher !== null && kinds.length < this.kinds.length) return;
    void this.publisher?.close();
    this.publisher = null;
    this.kinds = kinds;
    if (stream !== null && kinds !== "") this.send(stream, devices);
  }

  private send(stream: MediaStream, devices: ConferenceDevices): void {
    const layers = (devices.camera?.getSettings().width ?? 0) >= LAYERED_WIDTH;
    const publisher = new Publisher(this.standing.id, stream, { layers }, this.wishes.world ?? browser);
    this.publisher = publisher;
    void this.showCamera();
    this.sending = "connecting";
    publisher.onState = (state) => {
      if (publisher !== this.publisher) return;
      this.sending = state;
      if (state === "live") void this.showCamera();
    };
    void keepOpen(publisher, () => publisher !== this.publisher);
  }

  private async showCamera(): Promise<void> {
    const isDark = this.cameraOff || this.audioOnly;
    await this.publisher?.replace("video", isDark ? null : (this.devices?.camera ?? null));
  }

  /** The meeting lets us be heard, or no longer. Whoever comes back into a running speech need not wait. */
  private heard(isHeard: boolean): void {
    const before = this.wasGranted;
    this.wasGranted = isHeard;
    this.now = this.standing.now();
    const meeting = this.meeting;
    if (!isHeard || before === true || !meeting) return;
    // Who may not open it is heard because the desk said so, whatever was closed here before.
    if (isLocked(meeting, this.me)) this.muted = false;
    const speech = holdsFloor(meeting, this.me) ? meeting.speaking : null;
    const isNew = speech !== null && this.now - speech.began_at < 2 * WARNING_MS;
    this.opensFor = isNew ? speech.id : "";
    this.opensAt = before === null ? 0 : this.now + WARNING_MS;
  }

  private floor = "";
  private openedBy = "";

  /** A new speech begins with an open microphone, whatever was closed in the one before. */
  private newFloor(): void {
    const meeting = this.meeting;
    const speech = meeting && this.sends && holdsFloor(meeting, this.me) ? (meeting.speaking?.id ?? "") : "";
    if (speech === this.floor) return;
    // What was opened for a speech does not stay open after it.
    if (this.openedBy !== "" && this.openedBy === this.floor && meeting?.microphones[this.me] === "open") {
      void this.standing.command({ type: "microphone.close", closed: true });
    }
    this.openedBy = "";
    this.floor = speech;
    if (speech === "") return;
    if (speech === sessionStorage.getItem(MUTED)) return void (this.muted = true);
    const isNew = this.standing.now() - (meeting?.speaking?.began_at ?? 0) < 2 * WARNING_MS;
    if (isNew) void this.mute(false);
  }

  private beat(): void {
    this.newFloor();
    if (this.microphone.state === "soon") this.now = this.standing.now();
    this.silent = this.silence.hears(this.devices?.level ?? 1, this.isLive, Date.now());
  }

  private heed(told: Told | null): void {
    const lines = [
      [this.receiver, "down"],
      [this.publisher, "up"],
    ] as const;
    for (const [line, direction] of lines) {
      if (line === null || told === null) continue;
      if (isReplaced(line, direction, told)) this.replaced = true;
      else if (told.type === "gone") line.goodbye(told.session, told.reason ?? "lost");
    }
  }
}

/** The speech during which this page closed its microphone: it stays closed when the page is loaded again. */
function keepMuted(speech: string): void {
  sessionStorage.setItem(MUTED, speech);
}

interface LayersTold {
  readonly session: string;
  readonly active: Partial<Record<Layer, boolean>>;
}
