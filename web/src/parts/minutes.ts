/** What the parts of the minutes share. */
import type * as Y from "yjs";
import type { MinutesNode, MinutesPiece, MinutesRevision } from "../core/minutes";

/** Everything is on the server, on its way, kept here until the line is back, or refused and kept here. */
export type MinutesSaving = "saved" | "saving" | "waiting" | "stopped";

/** The minutes as the parts see them; `MinutesDesk` of the state is one. */
export interface MinutesView {
  readonly text: { readonly doc: Y.Doc };
  readonly ready: boolean;
  readonly saving: MinutesSaving;
  /** By the server's clock; 0 before the first edit was confirmed. */
  readonly savedAt: number;
  /** The code of the last refusal, and what its sentence names; empty when all is well. */
  readonly problem: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Whether what is typed lies on this device until the server has it. */
  readonly keeps: boolean;
  readonly news: readonly MinutesPiece[];
  readonly revisions: readonly MinutesRevision[];
  insert(ids: readonly string[]): Promise<boolean>;
  dismiss(ids: readonly string[]): Promise<boolean>;
  keep(label: string): Promise<boolean>;
  restore(version: number): Promise<boolean>;
  refreshRevisions(): Promise<void>;
  revision(version: number): Promise<readonly MinutesNode[] | null>;
}
