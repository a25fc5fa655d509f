/** Thử thông tuyến at a site, in three steps: camera, microphone, loudspeaker; then the line; then the record. */
import { playTestSound } from "../attach/testsound";
import type { Findings, LineTest, Measured } from "../core/linetest";
import { refusalWords } from "../i18n";
import { ask } from "../wire/http";
import { measure, type Phase } from "../wire/linetrial";
import type { Conference } from "./conference.svelte";

export type TrialStep = "camera" | "microphone" | "loudspeaker" | "measuring" | "found" | "recorded";

/** As on the server: a spoken sentence reaches this much of the meter. */
const SPOKEN = 25;
const ECHO_MS = 600;
const NOTHING: Measured = {
  route: "none",
  server: "",
  relay: "",
  shut: "",
  up_bps: 0,
  down_bps: 0,
  up_loss: 0,
  down_loss: 0,
  rtt_ms: 0,
};

export class LineTrial {
  step = $state<TrialStep>("camera");
  phase = $state<Phase>("route");
  /** So long picture and sound are still being watched. */
  seconds = $state(0);
  /** The loudest moment of the microphone, in percent; −1 while nothing was measured. */
  loudest = $state(-1);
  playing = $state(false);
  played = $state(false);
  findings = $state.raw<Findings | null>(null);
  record = $state.raw<LineTest | null>(null);
  problem = $state.raw<string | null>(null);
  saving = $state(false);

  private seen: Findings["camera"] = "not_seen";
  private level = -1;
  private echo = -1;
  private readonly end: () => void;

  constructor(private readonly conference: Conference) {
    this.end = $effect.root(() => {
      $effect(() => {
        const level = conference.devices?.level ?? null;
        if (level !== null) this.loudest = Math.max(this.loudest, Math.round(level * 100));
      });
    });
  }

  readonly isHeard = $derived.by(() => this.loudest >= SPOKEN);

  /** The camera's picture is seen, or not; without a camera there is nothing to answer. */
  camera(isSeen: boolean): void {
    const { devices } = this.conference;
    this.seen = isSeen ? "seen" : devices?.camera ? "not_seen" : (devices?.trouble ?? "missing");
    this.loudest = -1;
    this.step = "microphone";
  }

  microphone(): void {
    this.level = this.loudest;
    this.step = "loudspeaker";
  }

  /** Play the sound, and listen how loud the own microphone hears it. */
  async play(): Promise<void> {
    this.playing = true;
    this.loudest = -1;
    await playTestSound(this.conference.devices?.chosen.audiooutput).catch(() => undefined);
    await new Promise((done) => setTimeout(done, ECHO_MS));
    this.echo = this.loudest;
    [this.playing, this.played] = [false, true];
  }

  /** The sound was heard in the room, or not: now the line itself. */
  async loudspeaker(isHeard: boolean): Promise<void> {
    this.step = "measuring";
    const { devices, standing, me } = this.conference;
    const tracks = [devices?.camera, devices?.sent].filter((one) => one !== null && one !== undefined);
    const copies = tracks.map((track) => track.clone());
    for (const copy of copies) copy.enabled = true;
    const names = { meeting: standing.id, me };
    const measured = await measure(names, new MediaStream(copies), (phase, seconds) => {
      [this.phase, this.seconds] = [phase, seconds];
    }).catch(() => NOTHING);
    for (const copy of copies) copy.stop();
    this.findings = {
      ...measured,
      camera: this.seen,
      microphone: devices?.sent ? "on" : (devices?.trouble ?? "missing"),
      level: this.level,
      loudspeaker: isHeard ? "heard" : "not_heard",
      echo: this.echo,
    };
    this.step = "found";
  }

  /** Write it down under this name; the server says what the findings mean. */
  async save(name: string): Promise<void> {
    const { standing, me } = this.conference;
    const body = { site: me, name, findings: this.findings };
    this.saving = true;
    this.problem = null;
    try {
      this.record = await ask<LineTest>("POST", `/api/meetings/${encodeURIComponent(standing.id)}/line-tests`, {
        body,
      });
      this.step = "recorded";
    } catch (problem) {
      this.problem = refusalWords(problem);
    } finally {
      this.saving = false;
    }
  }

  close(): void {
    this.end();
  }
}
