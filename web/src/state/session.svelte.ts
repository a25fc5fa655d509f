/** Who is signed in on this device, and everything that changes it. */

import { PAGES_CACHE } from "../core/caching";
import { ask, Problem, UNREACHABLE, whenSignedOut } from "../wire/http";
import { tabletHere } from "./tabletmark";

export interface Me {
  readonly person: string;
  readonly session: string;
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly unit_name: string;
  readonly offices: readonly string[];
  /** A guest or a site: the one meeting they may see; empty for people of the organisation. */
  readonly only_meeting: string;
  readonly second_factor: boolean;
  /** The screens whose first steps this account was shown; missing where an older house wrote it down. */
  readonly tours?: readonly string[];
  readonly now: number;
}

/** What was typed so far; every step sends all of it again. */
export interface Credentials {
  username: string;
  password: string;
  code?: string;
  new_password?: string;
  unit?: string;
}

/** A second factor to take over: the secret for typing, the drawing for the camera. */
export interface Offer {
  readonly secret: string;
  readonly qr: string;
}

export type Step =
  | { readonly step: "done"; readonly me: Me }
  | { readonly step: "code" | "change"; readonly offer: null }
  | { readonly step: "enrol"; readonly offer: Offer };

export interface KeptUnit {
  readonly id: string;
  readonly name: string;
}

export interface Device {
  readonly id: string;
  readonly created: number;
  readonly seen: number;
  readonly agent: string;
  readonly address: string;
  readonly current: boolean;
}

const KEPT = "hopso.unit";
/** Who is signed in here, for a start without a network. */
const WHO = "hopso.me";
/** The session that was left while the server could not be reached: it is ended as soon as the server is heard of. */
const LEFT = "hopso.signed-out";

class SessionState {
  /** Undefined until the server was asked, null when nobody is signed in. */
  me = $state.raw<Me | null | undefined>(undefined);
  /** The unit chosen on this device; it stays when people come and go. */
  unit = $state.raw<KeptUnit | null>(keptUnit());

  constructor() {
    whenSignedOut(() => this.#nobody());
  }

  /**
   * Ask the server who is signed in; null when nobody is. When it cannot be reached: who was signed in on this device
   * last, and rejects when nobody was.
   */
  async load(): Promise<Me | null> {
    try {
      const me = await ask<Me>("GET", "/api/me");
      if (localStorage.getItem(LEFT) === me.session) await this.signOut();
      else this.#somebody(me);
    } catch (problem) {
      // Whoever holds a shared tablet now may be somebody else: there nobody is taken at the device's word.
      const offline = problem instanceof Problem && problem.code === UNREACHABLE && !tabletHere();
      const known = offline ? keptMe() : null;
      if (known) this.me = known;
      else if (problem instanceof Problem && problem.status === 401) this.#nobody();
      else throw problem;
    }
    return this.me ?? null;
  }

  /** Sign out even without a network: this device forgets the person at once, the server as soon as it hears of it. */
  async leave(): Promise<void> {
    localStorage.setItem(LEFT, this.me?.session ?? "");
    await this.signOut().catch(() => undefined);
    this.#nobody();
  }

  #somebody(me: Me): void {
    this.me = me;
    localStorage.setItem(WHO, JSON.stringify(me));
    // Pages are kept only while somebody is signed in: the service worker never makes this place by itself.
    if ("caches" in globalThis) void caches.open(PAGES_CACHE);
  }

  #nobody(): void {
    this.me = null;
    localStorage.removeItem(WHO);
  }

  /** One step of signing in. */
  async signIn(typed: Credentials): Promise<Step> {
    const step = await ask<Step>("POST", "/api/session", { body: { ...typed, unit: this.unit?.id ?? "" } });
    if (step.step === "done") this.welcome(step.me);
    return step;
  }

  /** Come into one meeting by an invitation's code. */
  async enter(code: string): Promise<Me> {
    const { me } = await ask<{ me: Me }>("POST", "/api/enter", { body: { code } });
    this.#somebody(me);
    return me;
  }

  /** Sit down at this shared tablet for one meeting. */
  async sitDown(meeting: string, person: string, pin: string): Promise<Me | null> {
    await ask("POST", "/api/tablet/session", { body: { meeting, person, pin } });
    return this.load();
  }

  /** End the session on the server. Screens sign out by `sessionEnd`, which also clears this device. */
  async signOut(): Promise<void> {
    try {
      await ask("DELETE", "/api/session");
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 401) throw problem;
    }
    this.#nobody();
  }

  /** A single-use ticket for the live connection, good for a minute. */
  async ticket(): Promise<string> {
    return (await ask<{ ticket: string }>("POST", "/api/ticket")).ticket;
  }

  /** Keep this unit for the next sign-in on this device; null forgets it. */
  keepUnit(unit: KeptUnit | null): void {
    this.unit = unit;
    if (unit) localStorage.setItem(KEPT, JSON.stringify({ id: unit.id, name: unit.name }));
    else localStorage.removeItem(KEPT);
  }

  holds(office: string): boolean {
    return this.me?.offices.includes(office) ?? false;
  }

  private welcome(me: Me): void {
    this.#somebody(me);
    if (!this.unit && me.unit) this.keepUnit({ id: me.unit, name: me.unit_name });
  }
}

function keptMe(): Me | null {
  try {
    const kept = JSON.parse(localStorage.getItem(WHO) ?? "null") as Me | null;
    return typeof kept?.person === "string" ? kept : null;
  } catch {
    return null; // another programme wrote there
  }
}

function keptUnit(): KeptUnit | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Partial<KeptUnit> | null;
    return typeof kept?.id === "string" && typeof kept.name === "string" ? { id: kept.id, name: kept.name } : null;
  } catch {
    return null; // another programme wrote there
  }
}

export const session = new SessionState();

/** Where to go after signing in: a path of this house only, never another site. */
export function afterSignIn(search: string, me: Me): string {
  if (me.only_meeting) {
    const site = me.offices.includes("site");
    const meeting = encodeURIComponent(me.only_meeting);
    return site ? `/diem-cau/${meeting}/${encodeURIComponent(me.person)}` : `/hop/${meeting}`;
  }
  const wanted = new URLSearchParams(search).get("den") ?? "/";
  return /^\/(?![/\\])/.test(wanted) && !wanted.startsWith("/dang-nhap") ? wanted : "/";
}
