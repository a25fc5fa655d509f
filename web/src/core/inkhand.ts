/**
 * What a touch means while somebody may be writing: pen, finger or the heel of a hand.
 */
import type { Held } from "./pens";

export interface Contact {
  readonly type: "pen" | "touch" | "mouse";
  /** Of the contact, in CSS pixels; a pen's is 0 or 1. */
  readonly width: number;
  readonly height: number;
  /** Milliseconds, from any fixed start. */
  readonly at: number;
  /** The pen's other end or its eraser button. */
  readonly eraserEnd?: boolean;
}

export interface Hand {
  /** A pen has been used on this device: from then on fingers move the page and only the pen draws. */
  readonly penSeen: boolean;
  /** Fingers never draw, chosen by the writer. */
  readonly penOnly: boolean;
  /** When the pen was last down or near; touches right after it are the resting hand. */
  readonly penAt: number;
}

export const NEW_HAND: Hand = { penSeen: false, penOnly: false, penAt: -Infinity };

export type Meaning = "draw" | "erase" | "move" | "ignore";

/** Larger contacts are the heel of a hand, not a fingertip. */
const PALM = 48;
/** A touch so soon after the pen belongs to the writing hand. */
const RESTING_MS = 400;

/** What a contact that begins now does with this tool in hand (null: none). */
export function meaning(hand: Hand, contact: Contact, tool: Held | null): Meaning {
  if (contact.type === "touch") return touchMeaning(hand, contact, tool);
  if (contact.eraserEnd) return "erase";
  if (tool === null) return contact.type === "pen" ? "draw" : "move";
  return tool === "eraser" ? "erase" : "draw";
}

function touchMeaning(hand: Hand, contact: Contact, tool: Held | null): Meaning {
  if (Math.max(contact.width, contact.height) > PALM) return tool === null && !hand.penSeen ? "move" : "ignore";
  if (contact.at - hand.penAt < RESTING_MS) return "ignore";
  if (tool === null || hand.penSeen || hand.penOnly) return "move";
  return tool === "eraser" ? "erase" : "draw";
}

/** The hand after a contact: a pen is remembered. */
export function afterContact(hand: Hand, contact: Contact): Hand {
  return contact.type === "pen" ? { ...hand, penSeen: true, penAt: contact.at } : hand;
}
