/** What is looked at in the main room before a meeting: the items, how they stand, and what the house says itself. Pure. */
import type { LineTest } from "./linetest";
import type { Site } from "../wire/types";

export const CHECKS = ["camera", "microphone", "loudspeaker", "screens", "recording", "relay", "sites"] as const;
export type CheckItem = (typeof CHECKS)[number];

/** As `Check` on the server: one line as somebody has left it. */
export interface Check {
  readonly item: CheckItem;
  readonly state: "good" | "bad";
  readonly note: string;
  readonly by: string;
  readonly name: string;
  readonly at: number;
}

export type Checklist = Readonly<Partial<Record<CheckItem, Check>>>;

/** One sentence of `hopso check`. */
export interface Finding {
  readonly level: "ok" | "warn" | "bad";
  readonly words: Readonly<Record<"vi" | "en", string>>;
}

export type Findings = Readonly<Partial<Record<CheckItem, readonly Finding[]>>>;

export interface ChecklistCounts {
  readonly good: number;
  readonly bad: number;
  readonly all: number;
}

export function checklistCounts(list: Checklist): ChecklistCounts {
  const states = CHECKS.map((item) => list[item]?.state);
  const count = (wanted: string): number => states.filter((state) => state === wanted).length;
  return { good: count("good"), bad: count("bad"), all: CHECKS.length };
}

/** The gravest first; what is in order only where nothing else is said. */
export function worthSaying(findings: readonly Finding[]): readonly Finding[] {
  const wrong = findings.filter((one) => one.level !== "ok");
  return wrong.length > 0 ? [...wrong].sort((a, b) => Number(b.level === "bad") - Number(a.level === "bad")) : findings;
}

export interface TestedSites {
  readonly passed: number;
  /** Sites to look after: those that failed, then those nobody has tried. */
  readonly failed: readonly Site[];
  readonly untested: readonly Site[];
}

/** How the last line test of each site came out; a remark is no failure. */
export function testedSites(sites: readonly Site[], tests: Readonly<Record<string, LineTest>>): TestedSites {
  const tested = sites.filter((site) => tests[site.id] !== undefined);
  const failed = tested.filter((site) => tests[site.id]?.result === "failed");
  return {
    passed: tested.length - failed.length,
    failed,
    untested: sites.filter((site) => tests[site.id] === undefined),
  };
}
