/** Who is signed in on this device, and everything that changes it. */

import { ask, Problem, whenSignedOut } from "../wire/http";

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

class SessionState {
  /** Undefined until the server was asked, null when nobody is signed in. */
  me = $state.raw<Me | null | undefined>(undefined);
  /** The unit chosen on this device; it stays when people come and go. */
  unit = $state.raw<KeptUnit | null>(keptUnit());

  constructor() {
    whenSignedOut(() => (this.me = null));
  }

  /** Ask the server who is signed in; null when nobody is. Rejects when the server cannot be reached. */
  async load(): Promise<Me | null> {
    try {
      this.me = await ask<Me>("GET", "/api/me");
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 401) throw problem;
      this.me = null;
    }
    return this.me;
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
    this.me = me;
    return me;
  }

  async signOut(): Promise<void> {
    try {
      await ask("DELETE", "/api/session");
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 401) throw problem;
    }
    this.me = null;
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
    this.me = me;
    if (!this.unit && me.unit) this.keepUnit({ id: me.unit, name: me.unit_name });
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
