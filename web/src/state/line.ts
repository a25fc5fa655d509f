/** The one line of this page to the server, opened when somebody is signed in. */
import { onWake } from "../attach/wake";
import { LiveClient, SignedOut, type Surroundings } from "../wire/live";
import { ask, Problem } from "../wire/http";
import { socketsTo } from "../wire/socket";

const KEPT = "hopso.endpoint";

/** This device's name: it keeps it, so that the server knows a tablet that comes back. */
export function endpoint(): string {
  const kept = localStorage.getItem(KEPT);
  if (kept) return kept;
  const fresh = crypto.randomUUID();
  localStorage.setItem(KEPT, fresh);
  return fresh;
}

const device: Surroundings = {
  now: () => Date.now(),
  later: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  freshId: () => crypto.randomUUID(),
  onWake,
};

let client: LiveClient | null = null;

async function ticket(): Promise<string> {
  try {
    return (await ask<{ ticket: string }>("POST", "/api/ticket", { patience: 5_000 })).ticket;
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) throw new SignedOut();
    throw problem;
  }
}

/** What must never happen, and did; gathered so that the end-to-end tests can ask. */
export const reported: string[] = [];

/** The line; it opens with the first call and stays open. */
export function line(): LiveClient {
  if (client === null || client.line.step === "ended") {
    client = new LiveClient({
      ticket,
      endpoint: endpoint(),
      open: socketsTo(""),
      device,
      report: (what, stream) => reported.push(`${what} ${stream}`),
    });
    client.start();
  }
  return client;
}

/** Close it, for example at sign-out. */
export function hangUp(): void {
  client?.stop("signed_out");
  client = null;
}
