/** Reading a paper of one's own outside of meetings: the same page reader, private ink and search, and nobody to follow. */
import type { Layer } from "../core/ink";
import { errorText } from "../i18n";
import type { Answer } from "../wire/commands";
import { deliveryBy } from "./delivery";
import { FolderState } from "./folder.svelte";
import type { InkBook } from "./ink.svelte";
import { line } from "./line";
import type { Waiting } from "./outbox.svelte";
import { outboxOf } from "./outboxhere";
import { PaperSearch } from "./papersearch.svelte";
import { PapersInk } from "./papersink.svelte";
import { Reading } from "./reading.svelte";
import type { Standpoint } from "./standpoint";

const SEND_AGAIN_MS = 2_000;
const OWN: readonly Layer[] = ["mine"];
/** Whoever turns a page tells nobody. */
const NO_MEETING = {
  meeting: null,
  line: { step: "fine" },
  follows: () => undefined,
  command: () => Promise.reject(new Error("there is no meeting")),
};

export class FolderReading implements Standpoint {
  readonly folder: FolderState;
  readonly reading: Reading;
  readonly standing = { meeting: null };
  readonly writable = OWN;
  readonly layers = OWN;
  found = $state.raw<PaperSearch | null>(null);
  /** Whether the list has been looked at: a paper that is not in it is gone. */
  looked = $state(false);
  problem = $state.raw<string | null>(null);
  private readonly live = line();
  readonly ink: PapersInk;
  private readonly ends: (() => void)[] = [];
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly person: string,
    paper: string,
  ) {
    this.folder = new FolderState(person);
    this.reading = new Reading(NO_MEETING, () => this.folder.readable);
    this.reading.open(paper, 1);
    this.ink = new PapersInk(this.live, person, () => outboxOf(person), {
      sent: () => void this.flush(),
      answered: this.answered,
    });
    this.ends.push(this.live.onLine(({ step, since }) => step === "fine" && since === null && void this.flush()));
    this.ends.push(
      $effect.root(() => {
        $effect(() => {
          const { place } = this.reading;
          if (place) void this.reading.load(place);
          this.ink.only([place?.paper.version ?? ""]);
        });
      }),
    );
    void this.folder.open().then(() => {
      this.looked = true;
      void this.folder.bring();
    });
    void this.flush();
  }

  /** My marks on what is open. */
  get book(): InkBook | null {
    const version = this.reading.place?.paper.version;
    return version ? this.ink.book(version, OWN) : null;
  }

  search(): void {
    const paper = this.reading.place?.paper;
    this.found = paper ? new PaperSearch(paper.version, paper.pages) : null;
  }

  close(): void {
    clearTimeout(this.again);
    for (const end of this.ends.splice(0)) end();
    this.ink.close();
    this.folder.close();
  }

  private readonly answered = (waiting: Waiting, answer: Answer): void => {
    if (answer.ok || waiting.kind !== "ink") return;
    this.problem = errorText(answer.code ?? "", answer.details);
    this.ink.refused(waiting);
  };

  private readonly flush = async (): Promise<void> => {
    clearTimeout(this.again);
    const outbox = await outboxOf(this.person);
    if (!outbox) return;
    await outbox.send(deliveryBy(this.live, this.answered)).catch(() => undefined);
    if (outbox.waiting > 0) this.again = setTimeout(() => void this.flush(), SEND_AGAIN_MS);
  };
}
