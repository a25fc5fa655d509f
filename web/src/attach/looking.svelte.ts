import {
  type Box,
  type Paper,
  type Shared,
  type Spot,
  type View,
  atEdge,
  carried,
  cropFor,
  doubleTapped,
  fitWidth,
  followed,
  kept,
  panned,
  same,
  scaleOf,
  toShared,
  zoomAt,
  UNITS,
} from "../core/viewport";

export interface Looked {
  readonly paper: Paper;
  /** The presenter's view of this page; null when there is none. */
  readonly presented: Shared | null;
  readonly following: boolean;
  /** Another page was asked for by a swipe, the wheel or a key: −1 or 1. */
  onturn: (step: -1 | 1) => void;
  /** The view came to rest after I moved it. */
  onview?: (view: Shared) => void;
}

/** What decides whether a hand's own view is still worth keeping: the page, the mode, and the view without that hand. */
export interface Standing {
  readonly page: string;
  readonly following: boolean;
  readonly view: View;
}

const SETTLE_MS = 140;
/** A sideways swipe of this many pixels turns the page when there is nothing to see at the side. */
const SWIPE_PX = 70;

/** Which part of the page is seen, moved by hand, wheel and keys, or carried along by the presenter. */
export class Looking {
  box = $state.raw<Box>({ width: 1, height: 1 });
  #mine = $state.raw<View | null>(null);
  #settled = $state.raw<View | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flight = 0;
  #turnedAt = 0;

  constructor(private readonly looked: () => Looked) {}

  /** What would be seen without a hand of mine. */
  readonly base = $derived.by((): View => {
    const { paper, presented, following } = this.looked();
    return following && presented ? followed(presented, this.box, paper) : fitWidth(this.box, paper);
  });

  readonly view = $derived.by((): View => {
    return this.#mine ? kept(this.#mine, this.box, this.looked().paper) : this.base;
  });

  /** The view that images and ink are drawn for; between two rests they are only stretched. */
  readonly settled = $derived(this.#settled ?? this.view);

  /** Whether the place on the screen is known: before, nothing can be drawn for it. */
  readonly measured = $derived(this.box.width > 1 && this.box.height > 1);

  /** Whether I have zoomed or moved away from what is presented. */
  readonly moved = $derived(this.#mine !== null);

  /** Back to what is presented, or to the text's width. */
  reset(): void {
    this.#stop();
    this.#mine = null;
    this.#settled = null;
  }

  /** Turning the page begins anew; returning shows what is presented; leaving keeps what I see; following goes along. */
  change(from: Standing, to: Standing): void {
    if (from.page !== to.page || (to.following && !from.following)) this.reset();
    else if (to.following) this.#carry(from.view, to.view);
    else if (from.following) this.#mine ??= from.view;
  }

  /** The presenter's view went from one place to another; my own zoom goes along. */
  #carry(before: View, after: View): void {
    if (same(before, after)) return;
    if (this.#mine) this.#mine = carried(this.#mine, before, after);
    this.#settleSoon(false);
  }

  #go(view: View): void {
    this.#mine = view;
    this.#settleSoon(true);
  }

  #settleSoon(tell: boolean): void {
    this.#settled ??= this.view;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#settled = null;
      const { onview, paper } = this.looked();
      if (tell) onview?.(toShared(this.#cropless(), paper));
    }, SETTLE_MS);
  }

  /** At the text's width or wider, others are told the whole width, so that each screen fits in its own way. */
  #cropless(): View {
    const crop = cropFor(this.box, this.looked().paper);
    const { view } = this;
    return view.width >= UNITS - crop.left - crop.right - 1 ? { x: 0, y: view.y, width: UNITS } : view;
  }

  pan = (dx: number, dy: number): void => {
    this.#stop();
    this.#go(panned(this.view, dx, dy, this.box, this.looked().paper));
  };

  zoom = (at: Spot, factor: number): void => {
    this.#stop();
    this.#go(zoomAt(this.view, at, factor, this.box, this.looked().paper));
  };

  doubletap = (at: Spot): void => this.#go(doubleTapped(this.view, at, this.box, this.looked().paper));

  /** The fingers are up: turn the page after a swipe, glide on after a push. */
  rest = (moved: Spot, speed: Spot): void => {
    const sideways = Math.abs(moved.x) > SWIPE_PX && Math.abs(moved.x) > 2 * Math.abs(moved.y);
    if (sideways && this.view.width >= this.base.width - 1) this.#turn(moved.x < 0 ? 1 : -1);
    else this.#glide(speed);
  };

  #glide(speed: Spot): void {
    if (Math.hypot(speed.x, speed.y) < 0.15 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    let [{ x, y }, last] = [speed, performance.now()];
    const step = (now: number): void => {
      const ms = Math.min(40, now - last);
      last = now;
      this.#go(panned(this.view, x * ms, y * ms, this.box, this.looked().paper));
      const less = Math.exp(-ms / 260);
      [x, y] = [x * less, y * less];
      if (Math.hypot(x, y) > 0.03) this.#flight = requestAnimationFrame(step);
    };
    this.#flight = requestAnimationFrame(step);
  }

  #stop(): void {
    cancelAnimationFrame(this.#flight);
  }

  wheel = (at: Spot, dx: number, dy: number, zooms: boolean): void => {
    if (zooms) this.zoom(at, Math.exp(-dy / 300));
    else if (dy !== 0 && dx === 0 && this.#atEnd(dy)) this.#turnOnce(dy > 0 ? 1 : -1);
    else this.pan(-dx, -dy);
  };

  #atEnd(dy: number): boolean {
    return atEdge(this.view, dy / scaleOf(this.view, this.box), this.box, this.looked().paper);
  }

  /** One page a push, however many wheel events it sends. */
  #turnOnce(step: -1 | 1): void {
    const now = performance.now();
    const pushing = now - this.#turnedAt < 400;
    if (!pushing) this.#turn(step);
    this.#turnedAt = now;
  }

  #turn(step: -1 | 1): void {
    this.looked().onturn(step);
  }

  /** Keys on the page; true when the key was for it. */
  key({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
    if (ctrlKey || metaKey || altKey) return false;
    const middle = { x: this.box.width / 2, y: this.box.height / 2 };
    const leap = this.box.height * 0.85;
    const keys: Record<string, () => void> = {
      ArrowUp: () => this.pan(0, 60),
      ArrowDown: () => this.pan(0, -60),
      ArrowLeft: () => this.#turn(-1),
      ArrowRight: () => this.#turn(1),
      PageDown: () => (this.#atEnd(leap) ? this.#turn(1) : this.pan(0, -leap)),
      PageUp: () => (this.#atEnd(-leap) ? this.#turn(-1) : this.pan(0, leap)),
      " ": () => (this.#atEnd(leap) ? this.#turn(1) : this.pan(0, -leap)),
      "+": () => this.zoom(middle, 1.25),
      "=": () => this.zoom(middle, 1.25),
      "-": () => this.zoom(middle, 0.8),
      "0": () => this.reset(),
    };
    keys[key]?.();
    return key in keys;
  }

  stop(): void {
    this.#stop();
    clearTimeout(this.#timer);
  }
}
