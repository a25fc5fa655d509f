/** How far a paper that is brought into the running meeting has come, in words. */
import { t } from "../i18n";
import type { Step } from "../core/pushing";

const WORKING: Readonly<Record<string, "prepare.converting" | "prepare.checking">> = {
  converting: "prepare.converting",
  checking: "prepare.checking",
};

export function pushWords(step: Step): string {
  switch (step.at) {
    case "idle":
      return "";
    case "sending":
      return t("presenting.sending");
    case "working":
      return t(WORKING[step.state] ?? "prepare.received");
    case "attaching":
      return t("presenting.attaching");
    case "done":
      return t(step.shown ? "presenting.done_shown" : step.late ? "presenting.done_late" : "presenting.done");
    case "failed":
      return step.why;
  }
}
