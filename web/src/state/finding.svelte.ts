/** A search over the papers of all meetings: the newest question counts, whatever comes of older ones. */
import { type Found, type FoundPaper, joined, papersIn, questionOf, type Sought, withPages } from "../core/finding";
import { ask } from "../wire/http";
import { Attempt } from "./attempt.svelte";

/** A search over everything may take the server a little. */
const PATIENCE_MS = 30_000;

export class Finding {
  /** What the shown answers; null before the first question. */
  sought = $state.raw<Sought | null>(null);
  found = $state.raw<Found | null>(null);
  readonly attempt = new Attempt();
  private asked = 0;

  constructor(
    private readonly question: (body: object) => Promise<Found> = (body) =>
      ask<Found>("POST", "/api/search", { body, patience: PATIENCE_MS }),
  ) {}

  /** Look for this; nothing typed is no question. */
  async find(sought: Sought): Promise<void> {
    this.sought = sought;
    this.found = null;
    this.attempt.forget();
    const mine = ++this.asked;
    if (sought.words.trim() === "") {
      this.sought = null;
      return;
    }
    await this.hear(mine, questionOf(sought), (found) => found);
  }

  /** The papers after those that are shown. */
  async more(): Promise<void> {
    const { sought, found } = this;
    if (!sought || !found) return;
    const skip = papersIn(found);
    await this.hear(this.asked, { ...questionOf(sought), skip }, (next) => joined(this.found ?? found, next));
  }

  /** The pages of a paper after those that are shown. */
  async pagesOf({ paper, found: shown }: FoundPaper): Promise<void> {
    const { sought, found } = this;
    if (!sought || !found) return;
    const question = { ...questionOf(sought), paper, skip: shown.length };
    await this.hear(this.asked, question, ({ meetings }) => {
      const pages = meetings.flatMap(({ papers }) => papers).find((one) => one.paper === paper)?.found ?? [];
      return withPages(this.found ?? found, paper, pages);
    });
  }

  private async hear(mine: number, question: object, taken: (found: Found) => Found): Promise<void> {
    await this.attempt.run(async () => {
      try {
        const found = await this.question(question);
        if (mine === this.asked) this.found = taken(found);
      } catch (error) {
        if (mine === this.asked) throw error;
      }
    });
  }
}
