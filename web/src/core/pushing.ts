/** A paper that is brought into the meeting while it goes on: what it is to be, and how far it has come. Pure. */
import type { Item, Meeting, Paper } from "../wire/types";
import { shortTitle, titleOfFile } from "./prepare";
import { currentItem } from "./standing";

/** What a file is to become. */
export interface Plan {
  readonly title: string;
  /** The paper it takes the place of; null: a paper of its own. */
  readonly replaces: string | null;
  /** The item it belongs to. */
  readonly item: string;
  readonly readers: "all" | "members";
  /** Nobody may save or print it. */
  readonly screenOnly: boolean;
  /** Shown on every tablet as soon as it can be. */
  readonly present: boolean;
}

/** How a paper's conversion goes, as the server tells it while it works. */
export interface PaperNews {
  readonly state: string;
  readonly pages: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** How far it has come. */
export type Step =
  | { readonly at: "idle" }
  | { readonly at: "sending"; readonly share: number }
  | { readonly at: "working"; readonly state: string }
  | { readonly at: "attaching" }
  /** `late`: it was to be shown, but the meeting has gone on. */
  | { readonly at: "done"; readonly paper: string; readonly shown: boolean; readonly late: boolean }
  | { readonly at: "failed"; readonly why: string };

/** What is offered for a file dropped now: a paper of the current item, to be shown at once while the meeting sits. */
export function planFor(meeting: Meeting, file: string): Plan {
  const item = itemFor(meeting)?.id ?? "";
  const present = meeting.phase === "open";
  return { title: titleOfFile(file), replaces: null, item, readers: "all", screenOnly: false, present };
}

/** The item a paper is put on now: the current one, else the first that is still to come. */
export function itemFor(meeting: Meeting): Item | null {
  return currentItem(meeting) ?? meeting.items.find(({ state }) => state === "waiting") ?? meeting.items[0] ?? null;
}

/** The command that puts a new paper on its item, for everybody to open. */
export function attaching(
  plan: Plan,
  paper: string,
): {
  readonly type: "paper.attach";
  readonly paper: string;
  readonly item: string;
  readonly title: string;
  readonly short: string;
  readonly readers: Plan["readers"];
  readonly screen_only: boolean;
} {
  const { item, readers } = plan;
  const title = plan.title.trim() || paper;
  return { type: "paper.attach", paper, item, title, short: shortTitle(title), readers, screen_only: plan.screenOnly };
}

/** Whether showing it now is still what was meant: the meeting sits, and has not gone on to another item. */
export function stillWanted(meeting: Meeting, plan: Plan): boolean {
  const item = plan.replaces ? meeting.papers[plan.replaces]?.item : plan.item;
  return meeting.phase === "open" && (currentItem(meeting)?.id ?? item) === item;
}

/** The papers of which a newer version has come between two states of the meeting. */
export function replacedPapers(before: Meeting | null, after: Meeting | null): Paper[] {
  return Object.values(after?.papers ?? {}).filter((paper) => {
    const known = before?.papers[paper.id];
    return known !== undefined && known.version !== "" && paper.version !== "" && known.version !== paper.version;
  });
}
