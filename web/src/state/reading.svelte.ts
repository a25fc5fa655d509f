/** What I read: the page that is shown while I follow, or a page of my own while I read alone. */
import { untrack } from "svelte";
import { clampPage, sizesUrl, textUrl } from "../core/pages";
import type { PageText } from "../core/pagestext";
import type { Shared, Paper as PaperSize } from "../core/viewport";
import type { Meeting, Paper } from "../wire/types";
import type { MeetingState } from "./meeting.svelte";

const A4: PaperSize = { width: 595, height: 842 };
/** A server that is not well is asked again after this pause. */
const AGAIN_MS = 10_000;
/** So long the view must rest before everybody is taken there. */
const REST_MS = 120;

/** A paper and one of its pages. */
export interface Place {
  readonly paper: Paper;
  readonly page: number;
}

/** How somebody reads, as it is kept for after a restart. */
export interface Read {
  readonly following: boolean;
  readonly own: { readonly paper: string; readonly page: number } | null;
}

/** What reading needs to know of a meeting; of none, where somebody reads a paper of their own. */
type Standing = Pick<MeetingState, "meeting" | "command" | "follows"> & { readonly line: { readonly step: string } };

export class Reading {
  following = $state(true);
  private own = $state.raw<{ paper: string; page: number } | null>(null);
  private texts = $state.raw<Readonly<Record<string, PageText | null>>>({});
  /** Width and height of every page of a version whose words are not handed out. */
  private sizes = $state.raw<Readonly<Record<string, readonly (readonly [number, number])[]>>>({});
  /** Grows after each pause: an effect that loads loads again. */
  private pauses = $state(0);
  /** The page that everybody is taken to and that is not shown yet. */
  private asked: number | null = null;
  private moved: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly standing: Standing,
    /** My own papers that can be read, by their ids. */
    private readonly shelf: () => Readonly<Record<string, Paper>> = () => ({}),
  ) {}

  private readonly meeting = $derived.by((): Meeting | null => this.standing.meeting);

  /** What is presented; null when nothing is, or when it is not for me. */
  readonly presented = $derived.by((): Place | null => {
    const shown = this.meeting?.shown;
    const paper = shown && this.meeting?.papers[shown.paper];
    return shown && paper ? { paper, page: shown.page } : null;
  });

  /** What I see; null when there is nothing to see yet. */
  readonly place = $derived.by((): Place | null => {
    if (this.following && this.presented) return this.presented;
    const own = this.own ?? this.firstPage();
    const paper = own && (this.meeting?.papers[own.paper] ?? this.shelf()[own.paper]);
    return paper && paper.state === "ready" ? { paper, page: clampPage(own.page, paper.pages) } : this.presented;
  });

  /** Whether what I see is a paper of my own: of that the meeting is told nothing. */
  readonly mine = $derived.by(() => this.place !== null && !(this.place.paper.id in (this.meeting?.papers ?? {})));

  /** What I see of the meeting's papers. */
  readonly shared = $derived.by((): Place | null => (this.mine ? null : this.place));

  /** Whether the page on screen is the one that is presented. */
  readonly isWithPresenter = $derived.by(
    () =>
      this.place !== null &&
      this.presented?.paper.id === this.place.paper.id &&
      this.presented.page === this.place.page,
  );

  /** The part of the page the presenter shows; null while another page is open. */
  readonly view = $derived.by((): Shared | null => {
    const shown = this.meeting?.shown;
    return shown && this.isWithPresenter ? { x: shown.x, y: shown.y, width: shown.width } : null;
  });

  readonly text = $derived.by((): PageText | null => (this.place ? (this.texts[keyOf(this.place)] ?? null) : null));

  /** The page's size in points; A4 until its text layer, or its size alone, is here. */
  readonly size = $derived.by((): PaperSize => {
    if (this.text) return { width: this.text.width, height: this.text.height };
    const version = this.place?.paper.version;
    const alone = this.place && this.sizes[version ?? ""]?.[this.place.page - 1];
    if (alone) return { width: alone[0], height: alone[1] };
    const known = Object.entries(this.texts).find(([key, text]) => text && version && key.startsWith(version));
    return known?.[1] ? { width: known[1].width, height: known[1].height } : A4;
  });

  /** Leave the presenter for a page of my own. */
  open(paper: string, page: number): void {
    this.own = { paper, page };
    this.following = false;
    this.tell();
  }

  turn(step: -1 | 1): void {
    if (this.place) this.open(this.place.paper.id, this.place.page + step);
  }

  /** Turn the page for everybody; a second turn on a slow line counts from the first, not from what is still shown. */
  async turnForAll(step: -1 | 1): Promise<void> {
    const paper = this.place?.paper;
    if (!this.place || !paper) return;
    const page = (this.asked ?? this.place.page) + step;
    if (page !== clampPage(page, paper.pages)) return;
    this.asked = page;
    await this.standing.command({ type: "page.turn", paper: paper.id, page }).finally(() => {
      if (this.asked === page) this.asked = null;
    });
  }

  /** Take everybody to this part of the page: where the fingers rest, and only while the page stays. */
  showForAll(part: Shared): void {
    clearTimeout(this.moved);
    const { place } = this;
    if (!place || this.asked !== null) return;
    const command = { type: "view.move" as const, paper: place.paper.id, page: place.page, ...whole(part) };
    this.moved = setTimeout(() => {
      const stays = this.asked === null && this.place?.paper.id === command.paper && this.place.page === command.page;
      if (stays) void this.standing.command(command);
    }, REST_MS);
  }

  follow(following: boolean): void {
    if (!following && this.place) this.own = { paper: this.place.paper.id, page: this.place.page };
    this.following = following;
    this.tell();
  }

  get read(): Read {
    return { following: this.following, own: this.own };
  }

  /** Go on reading where it was left, unless something was opened since. */
  restore({ following, own }: Read): void {
    if (!this.following || this.own !== null) return;
    [this.own, this.following] = [own, following];
    this.tell();
  }

  /**
   * Fetch the words and the size of the page on screen; without a network the page is read without them. An effect that
   * calls it calls it again once there is hope: when the line is back, or the server has had a pause.
   */
  load(place: Place): Promise<void> {
    void [this.pauses, this.standing.line.step];
    // What is known already must not call the effect again: a failure, which makes it forget, would be a loop.
    return untrack(() => this.fetchText(place));
  }

  private async fetchText(place: Place): Promise<void> {
    const key = keyOf(place);
    if (key in this.texts || !place.paper.version) return;
    this.texts = { ...this.texts, [key]: null };
    const text = await asked<PageText>(textUrl({ version: place.paper.version, page: place.page }));
    if (typeof text === "object") this.texts = { ...this.texts, [key]: text };
    else this.texts = Object.fromEntries(Object.entries(this.texts).filter(([name]) => name !== key));
    if (text === "later") this.askLater();
    if (text === "refused") await this.fetchSizes(place.paper.version);
  }

  /** A page whose words are not handed out, a landscape table for named readers, must not be drawn as if it were A4. */
  private async fetchSizes(version: string): Promise<void> {
    if (this.sizes[version]) return;
    const sizes = await asked<readonly (readonly [number, number])[]>(sizesUrl(version));
    if (typeof sizes === "object") this.sizes = { ...this.sizes, [version]: sizes };
    else if (sizes === "later") this.askLater();
  }

  private askLater(): void {
    setTimeout(() => (this.pauses += 1), AGAIN_MS);
  }

  /** Tell the meter where I read. */
  tell(): void {
    this.standing.follows(!this.following, this.shared?.paper.id ?? "", this.shared?.page ?? 0);
  }

  private firstPage(): { paper: string; page: number } | null {
    const items = this.meeting?.items ?? [];
    const current = items.find((item) => item.state === "current") ?? items[0];
    const papers = Object.values(this.meeting?.papers ?? {}).filter((paper) => paper.state === "ready");
    const first = papers.find((paper) => paper.item === current?.id) ?? papers[0];
    return first ? { paper: first.id, page: 1 } : null;
  }
}

function keyOf(place: Place): string {
  return `${place.paper.version}/${place.page}`;
}

/** A part of a page as it is said to others: whole ten-thousandths of the page. */
function whole({ x, y, width }: Shared): { x: number; y: number; width: number } {
  const share = (value: number): number => Math.min(10_000, Math.max(0, Math.round(value)));
  return { x: share(x), y: share(y), width: Math.min(10_000, Math.max(500, Math.round(width))) };
}

/** What the server has of a page; `later` when asking again may help, `refused` or `no` when it will not give it. */
async function asked<T extends object>(url: string): Promise<T | "later" | "refused" | "no"> {
  try {
    const answer = await fetch(url);
    if (answer.ok) return (await answer.json()) as T;
    if (answer.status === 403) return "refused";
    return answer.status >= 500 || answer.status === 429 ? "later" : "no";
  } catch {
    return "later";
  }
}
