/** A site tells the technicians how it is, and plays the test sound they ask for. */
import { playTestSound } from "../attach/testsound";
import { deviceWords, type LineReport, sendingWords, type Statistic } from "../core/linereport";
import { ask } from "../wire/http";
import type { Conference } from "./conference.svelte";

const LOOK_MS = 2_000;
const EVERY_MS = 10_000;
/** The loudest moment counts for so long after the sound has ended: echo comes late. */
const ECHO_MS = 600;

export class SiteReport {
  private sent: LineReport | null = null;
  private sentAt = 0;
  private loudest = -1;
  private heard = -1;
  private played: number;
  private readonly end: () => void;

  constructor(
    private readonly conference: Conference,
    private readonly play: (speaker?: string) => Promise<void> = playTestSound,
  ) {
    // A sound that was asked for before this screen was opened is over.
    this.played = conference.standing.now();
    this.end = $effect.root(() => this.live());
  }

  close(): void {
    this.end();
  }

  private live(): void {
    $effect(() => {
      const looks = setInterval(() => void this.look(), LOOK_MS);
      return () => clearInterval(looks);
    });
    $effect(() => {
      const level = this.conference.devices?.level ?? null;
      if (level !== null) this.loudest = Math.max(this.loudest, Math.round(level * 100));
    });
    $effect(() => {
      const asked = this.conference.standing.statuses[`line.sound:${this.conference.me}`] as
        { at: number } | null | undefined;
      if (asked && asked.at > this.played) void this.sound(asked.at);
    });
  }

  private async sound(at: number): Promise<void> {
    this.played = at;
    this.loudest = -1;
    await this.play(this.conference.devices?.chosen.audiooutput).catch(() => undefined);
    await new Promise((done) => setTimeout(done, ECHO_MS));
    this.heard = this.loudest;
    await this.look();
  }

  private async look(): Promise<void> {
    const { conference } = this;
    if (!conference.sends || conference.standing.line.step !== "fine") return;
    const devices = conference.devices;
    const statistics = [...((await conference.statistics())?.values() ?? [])] as Statistic[];
    const report: LineReport = {
      level: this.loudest,
      ...deviceWords({
        hasCamera: Boolean(devices?.camera),
        hasMicrophone: Boolean(devices?.sent),
        trouble: devices?.trouble ?? null,
        cameraOff: conference.cameraOff,
        muted: conference.muted,
      }),
      ...sendingWords(statistics),
      heard: this.heard,
    };
    if (this.isDue(report)) await this.send(report);
  }

  /** Every ten seconds, and at once when something other than a figure has changed. */
  private isDue(report: LineReport): boolean {
    const words = ({ camera, microphone, limited, heard }: LineReport): string =>
      [camera, microphone, limited, heard].join();
    return this.sent === null || words(this.sent) !== words(report) || Date.now() - this.sentAt >= EVERY_MS;
  }

  private async send(report: LineReport): Promise<void> {
    [this.sent, this.sentAt, this.loudest] = [report, Date.now(), -1];
    const { id } = this.conference.standing;
    // What is not heard is said again ten seconds later.
    await ask("POST", `/api/meetings/${encodeURIComponent(id)}/line`, { body: report }).catch(() => undefined);
  }
}
