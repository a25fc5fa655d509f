import type { Attachment } from "svelte/attachments";
import { type Contact, type Hand, type Meaning, NEW_HAND, afterContact, meaning } from "../core/inkhand";
import type { Held } from "../core/pens";
import type { Spot } from "../core/viewport";
import type { Mark } from "./pen";

/** What a hand on the page does. Spots are CSS pixels from the element's left upper corner. */
export interface HandHooks {
  tool: () => Held | null;
  penOnly: () => boolean;
  /** A touch begins to draw or erase. */
  ondown: (what: "draw" | "erase", mark: Mark) => void;
  ondrag: (what: "draw" | "erase", marks: readonly Mark[]) => void;
  onlift: () => void;
  oncancel: () => void;
  onpan: (dx: number, dy: number) => void;
  onzoom: (at: Spot, factor: number) => void;
  /** All fingers are up: how far they moved together, and how fast at the end (px per ms). */
  onrest: (moved: Spot, speed: Spot) => void;
  ontap: (at: Spot) => void;
  ondoubletap: (at: Spot) => void;
  onwheel: (at: Spot, dx: number, dy: number, zooms: boolean) => void;
}

const TAP_PX = 10;
const DOUBLE_MS = 350;

interface Finger extends Spot {
  readonly at: number;
}

/** Tells writing from moving, on one element. */
class Reader {
  #hand: Hand = NEW_HAND;
  #writer: { id: number; what: "draw" | "erase"; type: string } | null = null;
  #fingers = new Map<number, Finger>();
  #moved = { x: 0, y: 0 };
  #speed = { x: 0, y: 0 };
  #pinched = false;
  #tap: { at: number; spot: Spot } | null = null;

  constructor(
    private readonly element: HTMLElement,
    private readonly hooks: HandHooks,
  ) {}

  #spot(event: MouseEvent): Spot {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #mark = (event: PointerEvent): Mark => {
    const pressure = event.pointerType === "pen" ? event.pressure : 0.5;
    return { ...this.#spot(event), pressure: Math.round(pressure * 1000) };
  };

  #contact(event: PointerEvent): Contact {
    return {
      type: event.pointerType === "pen" || event.pointerType === "touch" ? event.pointerType : "mouse",
      width: event.width,
      height: event.height,
      at: event.timeStamp,
      eraserEnd: (event.buttons & 32) !== 0,
    };
  }

  #meaning(event: PointerEvent): Meaning {
    const contact = this.#contact(event);
    const said = meaning({ ...this.#hand, penOnly: this.hooks.penOnly() }, contact, this.hooks.tool());
    this.#hand = afterContact(this.#hand, contact);
    return said;
  }

  down = (event: PointerEvent): void => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    const said = this.#meaning(event);
    if (said === "ignore") return;
    // A mouse without a tool on a word selects it; the browser does that.
    const onWord =
      said === "move" && event.pointerType === "mouse" && (event.target as Element).closest("text") !== null;
    if (onWord) return;
    this.element.setPointerCapture?.(event.pointerId);
    if (said === "move") this.#touch(event);
    else this.#write(event, said);
  };

  #write(event: PointerEvent, what: "draw" | "erase"): void {
    const second = this.#writer?.type === "touch" && event.pointerType === "touch";
    if (this.#writer && second) {
      // Two fingers: it was going to be a pinch.
      const first = this.#writer.id;
      this.#writer = null;
      this.hooks.oncancel();
      this.#fingers.set(first, { ...(this.#tap?.spot ?? this.#spot(event)), at: event.timeStamp });
      this.#touch(event);
      return;
    }
    if (this.#writer) return;
    this.#fingers.clear();
    this.#writer = { id: event.pointerId, what, type: event.pointerType };
    this.#tap = { at: event.timeStamp, spot: this.#spot(event) };
    this.hooks.ondown(what, this.#mark(event));
  }

  #touch(event: PointerEvent): void {
    if (this.#fingers.size === 0) {
      this.#moved = { x: 0, y: 0 };
      this.#speed = { x: 0, y: 0 };
      this.#pinched = false;
    }
    this.#fingers.set(event.pointerId, { ...this.#spot(event), at: event.timeStamp });
    if (this.#fingers.size > 1) this.#pinched = true;
  }

  move = (event: PointerEvent): void => {
    if (event.pointerType === "pen") this.#hand = afterContact(this.#hand, this.#contact(event));
    if (this.#writer?.id === event.pointerId) {
      const all = event.getCoalescedEvents?.() ?? [];
      this.hooks.ondrag(this.#writer.what, (all.length > 0 ? all : [event]).map(this.#mark));
    } else if (this.#fingers.has(event.pointerId)) this.#drag(event);
  };

  #drag(event: PointerEvent): void {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const now = { ...this.#spot(event), at: event.timeStamp };
    const others = [...this.#fingers].filter(([id]) => id !== event.pointerId).map(([, finger]) => finger);
    this.#fingers.set(event.pointerId, now);
    const [dx, dy] = [(now.x - before.x) / (others.length + 1), (now.y - before.y) / (others.length + 1)];
    this.hooks.onpan(dx, dy);
    const [other] = others;
    if (other) {
      const gap = (finger: Spot): number => Math.max(20, Math.hypot(finger.x - other.x, finger.y - other.y));
      this.hooks.onzoom({ x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }, gap(now) / gap(before));
    }
    const elapsed = Math.max(1, now.at - before.at);
    this.#moved = { x: this.#moved.x + dx, y: this.#moved.y + dy };
    this.#speed = { x: (this.#speed.x + dx / elapsed) / 2, y: (this.#speed.y + dy / elapsed) / 2 };
  }

  up = (event: PointerEvent): void => {
    if (this.#writer?.id === event.pointerId) {
      this.#writer = null;
      if (event.type === "pointerup") this.hooks.onlift();
      else this.hooks.oncancel();
      return;
    }
    const finger = this.#fingers.get(event.pointerId);
    if (!this.#fingers.delete(event.pointerId) || this.#fingers.size > 0 || !finger) return;
    const still = !this.#pinched && Math.hypot(this.#moved.x, this.#moved.y) < TAP_PX && event.type === "pointerup";
    if (still) this.#tapped(event);
    const resting = event.timeStamp - finger.at > 60 || this.#pinched;
    // A mouse drags the page and stops where it stops; only a finger swipes.
    const swiped = event.pointerType === "touch" && !this.#pinched;
    this.hooks.onrest(swiped ? this.#moved : { x: 0, y: 0 }, resting || !swiped ? { x: 0, y: 0 } : this.#speed);
  };

  #tapped(event: PointerEvent): void {
    const spot = this.#spot(event);
    const last = this.#tap;
    const near = last && Math.hypot(last.spot.x - spot.x, last.spot.y - spot.y) < 3 * TAP_PX;
    if (last && near && event.timeStamp - last.at < DOUBLE_MS) {
      this.#tap = null;
      this.hooks.ondoubletap(spot);
    } else {
      this.#tap = { at: event.timeStamp, spot };
      this.hooks.ontap(spot);
    }
  }

  wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 20 : 1;
    this.hooks.onwheel(this.#spot(event), event.deltaX * lines, event.deltaY * lines, event.ctrlKey || event.metaKey);
  };
}

/** Reads pen, fingers, mouse and wheel on an element. `touch-action: none` is the element's to say. */
export function hand(hooks: HandHooks): Attachment<HTMLElement> {
  return (element) => {
    const reader = new Reader(element, hooks);
    const stop = new AbortController();
    const { signal } = stop;
    element.addEventListener("pointerdown", reader.down, { signal });
    element.addEventListener("pointermove", reader.move, { signal });
    element.addEventListener("pointerup", reader.up, { signal });
    element.addEventListener("pointercancel", reader.up, { signal });
    element.addEventListener("wheel", reader.wheel, { signal, passive: false });
    // iPadOS Scribble and long-press menus would take the pen away.
    element.addEventListener("contextmenu", (event) => hooks.tool() && event.preventDefault(), { signal });
    return () => stop.abort();
  };
}
