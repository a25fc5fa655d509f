/** Watches a site's own microphone, loudspeaker and devices, and says on its screen what is wrong. */
import { untrack } from "svelte";
import { type FarSound, listenTo } from "../attach/farsound";
import { DeviceWatch, type InUse, RoomEar } from "../core/sitewarnings";
import type { Conference } from "./conference.svelte";

const LOOK_MS = 100;

export class SiteWatch {
  silent = $state(false);
  echo = $state(false);
  /** The names of the devices in use that are not those that were meant; empty where they are. */
  microphone = $state("");
  camera = $state("");

  private readonly ear = new RoomEar();
  private readonly watches = { microphone: new DeviceWatch(), camera: new DeviceWatch() };
  private far: FarSound | null = null;
  private readonly end: () => void;

  constructor(
    private readonly conference: Conference,
    private readonly listen: (streams: readonly MediaStream[]) => FarSound = listenTo,
  ) {
    this.end = $effect.root(() => this.live());
  }

  /** What is in use is what is meant. */
  accept(): void {
    this.watches.microphone.accept(this.microphone || this.inUse("microphone").label);
    this.watches.camera.accept(this.camera || this.inUse("camera").label);
    this.microphone = this.camera = "";
  }

  close(): void {
    this.end();
  }

  private live(): void {
    $effect(() => {
      const { receiver, tracks } = this.conference;
      // New tracks are listened to anew.
      const far = tracks >= 0 && receiver ? this.listen([receiver.stage, ...receiver.voices]) : null;
      this.far = far;
      return () => far?.close();
    });
    $effect(() => {
      const looks = setInterval(() => untrack(() => this.look(Date.now())), LOOK_MS);
      return () => clearInterval(looks);
    });
  }

  private look(now: number): void {
    const { conference } = this;
    const near = conference.devices?.level ?? null;
    const isOpen = conference.isLive;
    const heard = this.ear.hear({ now, near, far: this.far?.level() ?? null, isOpen });
    [this.silent, this.echo] = [heard.silent, heard.echo];
    for (const kind of ["microphone", "camera"] as const) {
      const used = this.inUse(kind);
      this[kind] = this.watches[kind].look(used, now) ? used.label : "";
    }
  }

  private inUse(kind: "microphone" | "camera"): InUse {
    const devices = this.conference.devices;
    const track = kind === "microphone" ? devices?.sent : devices?.camera;
    const chosen = devices?.chosen[kind === "microphone" ? "audioinput" : "videoinput"] ?? "";
    return { id: track?.getSettings().deviceId ?? "", label: track?.label ?? "", chosen };
  }
}
