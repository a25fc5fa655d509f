/** What is drawn over a shared screen, as it travels: commands of ink, and statuses instead of events. Pure. */
import { stored } from "./ink";
import { type Drawn, type Mark, isStroke } from "./marks";
import type { Held, PenChoice } from "./pens";

/** The stream of what is drawn over the shared screen of a meeting; as a place to point at, it is a version. */
export const screenStream = (meeting: string): string => `screen:${meeting}`;
/** A picture has one page. */
export const PICTURE = 1;
const MARK = "mark:";
/** Of one line, as on the server: whoever comes late is told everything at once. */
const MOST_POINTS = 500;

export type ScreenTool = "pen" | "arrow" | "rectangle" | "eraser";
export const SCREEN_TOOLS = ["pen", "arrow", "rectangle", "eraser"] as const satisfies readonly Held[];
/** To be seen on white papers and on dark pictures; red stays the pointer's. */
export const SCREEN_COLOURS: readonly string[] = ["#1b3fa8", "#17713a", "#ffe45c"];
const WIDTH = 64;

export const screenPen = (tool: ScreenTool, colour: string): PenChoice => ({ tool, colour, width: WIDTH });

/** What a status says of a mark: there (with the mark), or gone (with its name alone); null when it is about others. */
export function markOf(topic: string, value: unknown): { readonly id: string; readonly mark: Mark | null } | null {
  if (!topic.startsWith(MARK)) return null;
  return { id: topic.slice(MARK.length), mark: value === null ? null : ({ ...value, layer: "all" } as Mark) };
}

/** A finished line, told with no more points than are taken. */
export function finished(drawn: Drawn): Drawn {
  return isStroke(drawn) ? { ...drawn, points: stored(drawn.points, undefined, MOST_POINTS) } : drawn;
}
