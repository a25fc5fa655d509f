/** What one may do with a paper. Pure. */
import type { Paper } from "../wire/types";

/** Whether nobody is handed its file or its text, and no device keeps its pages; as `kept_back` on the server. */
export function keptBack(paper: Pick<Paper, "readers" | "screen_only">): boolean {
  return paper.readers === "named" || paper.screen_only;
}
