/** The outbox of whoever is signed in on this device: one for all screens of this page. */
import { ask } from "../wire/http";
import { Outbox } from "./outbox.svelte";

let here: { readonly person: string; readonly opening: Promise<Outbox | null> } | null = null;

/**
 * The person's outbox; null when it cannot be had now: no network and no key on the device, or a browser that keeps
 * nothing. The next call tries again, and one whose shelves have been closed is opened anew.
 */
export async function outboxOf(person: string): Promise<Outbox | null> {
  const opening = openingOf(person);
  const outbox = await opening;
  if (!outbox?.isGone) return outbox;
  if (here?.opening === opening) here = null;
  return openingOf(person);
}

function openingOf(person: string): Promise<Outbox | null> {
  if (here?.person !== person) {
    const opening = openFor(person);
    here = { person, opening };
    void opening.then((outbox) => {
      if (outbox === null && here?.opening === opening) here = null;
    });
  }
  return here.opening;
}

/** Nobody's any more: after sign-out. */
export function forgetOutbox(): void {
  here = null;
}

/** The key on the device comes first, so that a start does not wait for the network. */
async function openFor(person: string): Promise<Outbox | null> {
  try {
    return (await Outbox.resume(person)) ?? (await fetched(person));
  } catch {
    return null;
  }
}

async function fetched(person: string): Promise<Outbox> {
  const { key } = await ask<{ key: string }>("POST", "/api/outbox-key", { patience: 5_000 });
  return Outbox.signIn(
    person,
    Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0)),
  );
}
