/** How a vote is said on screen: the rule of its meeting type, and the trace of what was counted in the hall. */
import { ranked } from "../core/ballots";
import { isEven } from "../core/counting";
import { hourOf } from "../core/minutes";
import { votesNeeded } from "../core/standing";
import { language, t } from "../i18n";
import type { Ballot, Chosen, Meeting, Option } from "../wire/types";

export const optionWords = (option: Option): string => (language() === "vi" ? option.vi : option.en);

/** The first letter large, for a label: "Chủ trì". */
/** Who presides, in the words of the type of meeting, within a sentence and at its beginning. */
export const presiding = (rules: { readonly presiding: string }): { presiding: string; Presiding: string } => ({
  presiding: rules.presiding,
  Presiding: capital(rules.presiding),
});

export const capital = (words: string): string => words.charAt(0).toLocaleUpperCase("vi") + words.slice(1);

/** "Thông qua khi quá nửa tổng số thành viên Ủy ban nhân dân tán thành (từ 15/29)". */
export function ruleWords(meeting: Meeting, ballot: Ballot, all: number): string {
  const { majority_of: of, majority_per: per } = ballot;
  const part = of === 1 && per === 2 ? t("ballot.half") : t("ballot.share", { of, per });
  const basis = t(ballot.basis === "all" ? "ballot.of_all" : "ballot.of_present", { members: meeting.rules.members });
  const carrying = ballot.options.find((option) => option.key === ballot.carries);
  const option = carrying ? optionWords(carrying).toLocaleLowerCase(language()) : "";
  const needed = votesNeeded({ ...ballot, basis: "all", of_all: all });
  if (ballot.kind !== "question") return t("ballot.rule_each", { part, basis, needed, all });
  return t("ballot.rule", { part, basis, option, needed, all });
}

/** What must be known of an even count, and how the chair chose where that decides; empty where it is not even. */
export function evenWords(meeting: Meeting, ballot: Ballot, tally: Readonly<Record<string, number>>): string {
  if (!isEven(ballot, tally)) return "";
  const chose = ballot.by_chair ?? meeting.tallies[ballot.id]?.by_chair ?? null;
  if (chose === null) return t("ballot.even");
  const { presiding } = meeting.rules;
  if (chose === ballot.carries || chose === ballot.against) return t("ballot.even_chair", { presiding });
  const option = ballot.options.find(({ key }) => key === chose);
  return option
    ? t("ballot.even_chair_chose", { presiding, option: optionWords(option) })
    : t("ballot.even_chair_silent", { presiding });
}

/** Who entered a result that was counted in the hall, when, on whose order, and why so late. */
export function traceWords(meeting: Meeting, ballot: Ballot): string {
  const { entered } = ballot;
  if (!entered) return "";
  const name = meeting.members[entered.by]?.name ?? "";
  const chair = meeting.members[entered.order_of]?.name ?? "";
  const words = { name, chair, time: hourOf(entered.at) };
  const who = t(chair ? "ballot.entered_order" : "ballot.entered", words);
  const then = { time: hourOf(entered.taken_at), reason: entered.reason };
  return entered.reason ? `${who} (${t("ballot.entered_after", then)})` : who;
}

/** "Phiếu phát ra 27 · thu về 27 · không hợp lệ 1"; empty where nothing was counted on paper. */
export function paperWords(meeting: Meeting, ballot: Ballot): string {
  const sheet = ballot.sheet ?? meeting.tallies[ballot.id]?.sheet;
  return sheet ? t("ballot.papers", { ...sheet }) : "";
}

/** What came of it in a few words: "Thông qua", "Trúng cử 2/3". */
export function outcomeWords(ballot: Ballot, result: Ballot["result"], chosen: Chosen | null): string {
  if (ballot.kind === "question") return t(result === "passed" ? "room.passed" : "room.rejected");
  return t(`ballot.won_${ballot.kind}`, { count: chosen?.elected.length ?? 0, places: ballot.places });
}

/** What follows where the last place falls to several with as many votes; empty where it does not. */
export function tieWords(ballot: Ballot, chosen: Chosen | null): string {
  if (!chosen?.tied.length || ballot.kind === "question") return "";
  const tied = ballot.options.filter(({ key }) => chosen.tied.includes(key));
  return t(`ballot.tie_${ballot.kind}`, { names: tied.map(optionWords).join(", ") });
}

/** Who had a ballot voided, with whom, when and why; empty where it counts. */
export function voidWords(meeting: Meeting, ballot: Ballot): string {
  const { voided } = ballot;
  if (!voided) return "";
  const [asked, name] = [voided.asked_by, voided.by].map((who) => meeting.members[who]?.name ?? "");
  return t("ballot.voided", { time: hourOf(voided.at), asked: asked ?? "", name: name ?? "", reason: voided.reason });
}

/** Where the result lies as a table. */
export const tableOf = (meeting: Meeting, ballot: Ballot): string =>
  `/api/meetings/${encodeURIComponent(meeting.id)}/ballots/${encodeURIComponent(ballot.id)}.csv`;

/** The figures in one line: answers in their own order, candidates by their votes, those who did not vote last. */
export function figureWords(ballot: Ballot): string {
  const silent = Math.max(0, Object.keys(ballot.electorate).length - ballot.cast);
  const lines =
    ballot.kind === "question"
      ? ballot.options.map((option) => ({ option, votes: ballot.tally[option.key] ?? 0 }))
      : ranked(ballot, ballot.tally, ballot.chosen);
  const figures = [
    ...lines.map(({ option, votes }) => `${optionWords(option)} ${votes}`),
    `${t("room.silent")} ${silent}`,
  ];
  return [...figures, tieWords(ballot, ballot.chosen)].filter(Boolean).join(" · ");
}
