/** The recording of a meeting as this device watches it: read once, its film asked for again while it is made. */
import { type Course, type Mark, gapsOf, marksOf, partsOf } from "../core/playback";
import { errorText, refusalWords } from "../i18n";
import { Problem, UNREACHABLE } from "../wire/http";
import { type Playback, deleteRecording, fileUrl, readRecording, wantFilm } from "../wire/recordings";
import { toTheDoor } from "./entering";
import { Player } from "./player.svelte";
import { session } from "./session.svelte";

const AGAIN_MS = 2_000;

export class PlaybackState {
  found = $state.raw<Playback | null>(null);
  player = $state.raw<Player | null>(null);
  /** Why it cannot be seen. */
  refusal = $state<string | null>(null);
  /** It could not be asked for: there is no network, or no server. */
  unreachable = $state(false);
  /** What went wrong last, as a sentence. */
  problem = $state<string | null>(null);
  gone = $state(false);
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(readonly meeting: string) {
    void this.enter();
    this.timer = setInterval(() => void this.again(), AGAIN_MS);
  }

  readonly marks = $derived.by((): readonly Mark[] =>
    this.found && this.player ? marksOf(this.found.course, this.player.parts) : [],
  );
  readonly gaps = $derived.by(() => (this.player ? gapsOf(this.player.parts) : []));

  get course(): Course | null {
    return this.found?.course ?? null;
  }

  /** The next mark of what happened, or the one before. */
  step(way: 1 | -1): void {
    const player = this.player;
    if (!player) return;
    const slack = way === 1 ? 500 : -2_000;
    const places = this.marks.map(({ position }) => position);
    const next =
      way === 1
        ? places.find((one) => one > player.position + slack)
        : places.findLast((one) => one < player.position + slack);
    player.seek(next ?? (way === 1 ? player.position : 0));
  }

  async film(wanted: boolean): Promise<void> {
    await this.trying(() => wantFilm(this.meeting, wanted));
    await this.read();
  }

  async delete(reason: string, id: string): Promise<boolean> {
    const done = await this.trying(() => deleteRecording(this.meeting, reason, id));
    if (done) {
      this.player?.close();
      this.gone = true;
    }
    return done;
  }

  close(): void {
    clearInterval(this.timer);
    this.player?.close();
  }

  /** Come in, or try again after it could not be reached. */
  async enter(): Promise<void> {
    const me = session.me ?? (await session.load().catch(() => null));
    if (!me) return toTheDoor();
    await this.read();
    const recorded = this.found?.kept.recorded;
    if (!recorded) return;
    this.player = new Player(partsOf(recorded.stretches), recorded.segments, (file) => fileUrl(this.meeting, file));
  }

  private async again(): Promise<void> {
    const film = this.found?.kept.film;
    if (!this.gone && (film === "waiting" || film === "working")) await this.read();
  }

  private async read(): Promise<void> {
    try {
      this.found = await readRecording(this.meeting);
      this.unreachable = false;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (!this.found && problem.code === UNREACHABLE) this.unreachable = true;
      else if (!this.found) this.refusal = errorText(problem.code, problem.details);
    }
  }

  private async trying(what: () => Promise<void>): Promise<boolean> {
    this.problem = await what().then(() => null, refusalWords);
    return this.problem === null;
  }
}
