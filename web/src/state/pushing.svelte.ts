/** Bringing a paper into the running meeting: sent, converted, put on its item, shown. It goes on behind a closed dialog. */
import { type PaperNews, type Plan, type Step, attaching, stillWanted } from "../core/pushing";
import { errorText } from "../i18n";
import { type Sending, sendFile } from "../wire/sendfile";
import type { MeetingState } from "./meeting.svelte";

type Standing = Pick<MeetingState, "id" | "meeting" | "statuses" | "command">;
const IDLE: Step = { at: "idle" };

class Stopped extends Error {}

export class Pushing {
  step = $state.raw<Step>(IDLE);
  private sending: Sending | null = null;
  private run = 0;
  /** The paper a file has become: what fails after that is tried again without sending it anew. */
  private arrived: {
    readonly file: File;
    readonly replaces: string | null;
    paper: string;
    told: PaperNews | null;
  } | null = null;
  private readonly ends = new Set<() => void>();

  constructor(private readonly standing: Standing) {}

  readonly busy = $derived(["sending", "working", "attaching"].includes(this.step.at));

  /** Do it all; how it goes, and what went wrong, is said by `step`. */
  async push(file: File, plan: Plan): Promise<void> {
    const run = (this.run += 1);
    try {
      await this.bring(file, plan, run);
    } catch (error) {
      if (error instanceof Stopped) return;
      this.step = { at: "failed", why: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Think better of it while the file is still going up; or put the result away. */
  reset(): void {
    this.run += 1;
    this.sending?.stop();
    this.step = IDLE;
  }

  close(): void {
    this.reset();
    for (const end of this.ends) end();
  }

  private async bring(file: File, plan: Plan, run: number): Promise<void> {
    const { paper, told } = await this.onShelf(file, plan, run);
    this.step = { at: "working", state: "received" };
    await this.until(run, () => this.isConverted(paper, told));
    const news = this.newsOf(paper);
    if (news?.state === "refused") {
      this.arrived = null;
      throw new Error(errorText(news.code, { ...news.details }));
    }
    this.step = { at: "attaching" };
    if (!plan.replaces && !this.standing.meeting?.papers[paper]) {
      // Only what can be read is put before everybody.
      await this.does(attaching(plan, paper));
      await this.until(run, () => this.standing.meeting?.papers[paper]?.state === "ready");
    }
    const wanted = plan.present && this.standing.meeting !== null && stillWanted(this.standing.meeting, plan);
    if (wanted && this.standing.meeting?.shown?.paper !== paper) await this.does({ type: "paper.show", paper });
    this.arrived = null;
    this.step = { at: "done", paper, shown: wanted, late: plan.present && !wanted };
  }

  private async onShelf(file: File, plan: Plan, run: number): Promise<{ paper: string; told: PaperNews | null }> {
    const { replaces } = plan;
    if (this.arrived?.file === file && this.arrived.replaces === replaces) return this.arrived;
    const told = this.newsOf(replaces);
    const paper = await this.send(file, plan, run);
    this.arrived = { file, replaces, paper, told };
    return this.arrived;
  }

  private async send(file: File, plan: Plan, run: number): Promise<string> {
    this.step = { at: "sending", share: 0 };
    const path = plan.replaces
      ? `/api/papers/${encodeURIComponent(plan.replaces)}`
      : `/api/papers?shelf=${encodeURIComponent(this.standing.id)}`;
    const onshare = (share: number): void => void (this.run === run && (this.step = { at: "sending", share }));
    this.sending = sendFile(plan.replaces ? "PUT" : "POST", path, file, onshare);
    const sent = await this.sending.answer;
    this.sending = null;
    this.check(run);
    if ("code" in sent) throw new Error(errorText(sent.code, { ...sent.details }));
    return sent.paper;
  }

  private isConverted(paper: string, told: PaperNews | null): boolean {
    const news = this.newsOf(paper);
    // What was said of the version before says nothing of this one.
    if (news === null || news === told) return false;
    if (this.step.at === "working" && this.step.state !== news.state) this.step = { at: "working", state: news.state };
    return news.state === "ready" || news.state === "refused";
  }

  private newsOf(paper: string | null): PaperNews | null {
    return (this.standing.statuses[`paper:${paper}`] ?? null) as PaperNews | null;
  }

  private async does(command: Parameters<Standing["command"]>[0]): Promise<void> {
    const { ok, code, details } = await this.standing.command(command);
    if (!ok) throw new Error(errorText(code ?? "", details));
  }

  private check(run: number): void {
    if (this.run !== run) throw new Stopped();
  }

  private async until(run: number, so: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = $effect.root(() => {
        $effect(() => {
          if (this.run === run && !so()) return;
          this.ends.delete(end);
          queueMicrotask(end);
          resolve();
        });
      });
      this.ends.add(end);
    });
    this.check(run);
  }
}
