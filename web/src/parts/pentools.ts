/** Tools beside pen, highlighter and eraser, and what each looks like. */
import type { LucideIcon } from "@lucide/svelte";
import Circle from "@lucide/svelte/icons/circle";
import Eraser from "@lucide/svelte/icons/eraser";
import Highlighter from "@lucide/svelte/icons/highlighter";
import Message from "@lucide/svelte/icons/message-square-text";
import Slash from "@lucide/svelte/icons/slash";
import Arrow from "@lucide/svelte/icons/move-up-right";
import Pen from "@lucide/svelte/icons/pen-line";
import Square from "@lucide/svelte/icons/square";
import Type from "@lucide/svelte/icons/type";
import { FORMS, type Held } from "../core/pens";

export const MORE_TOOLS = ["note", "comment", ...FORMS] as const;

export const isMore = (tool: Held): boolean => (MORE_TOOLS as readonly Held[]).includes(tool);

export const toolIcons: Readonly<Record<Held, LucideIcon>> = {
  pen: Pen,
  marker: Highlighter,
  eraser: Eraser,
  line: Slash,
  arrow: Arrow,
  rectangle: Square,
  ellipse: Circle,
  note: Type,
  comment: Message,
};
