/** Talking to the server by HTTP: JSON both ways, every refusal a `Problem` with its code, and the server's clock. */

export type Details = Readonly<Record<string, unknown>>;

/** A clear "no": `code` is the key of the sentence a person reads, `details` fill its blanks. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly details: Details = {},
    /** The HTTP status; 0 when no answer came. */
    readonly status = 0,
  ) {
    super(code);
    this.name = "Problem";
  }
}

/** No answer: the line is down, or the server is. */
export const UNREACHABLE = "network.unreachable";
/** An answer that is not ours, e.g. the page of a proxy. */
export const NOT_OURS = "network.not_ours";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface Asked {
  /** Sent as JSON, a file as it is; leave it out to send nothing. */
  body?: unknown;
  signal?: AbortSignal;
  /** Milliseconds after which the question counts as unanswered. */
  patience?: number;
}

const PATIENCE = 15_000;

/** Milliseconds to add to this device's clock to get the server's. */
let ahead = 0;
let gone: (() => void) | null = null;

/** The server's clock in milliseconds since the epoch, as well as this device knows it. */
export function serverNow(): number {
  return Date.now() + ahead;
}

/** Learn the server's clock from an answer asked for at `sent` and received now (both by this device's clock). */
export function learnClock(now: unknown, sent: number, received: number): void {
  if (typeof now === "number" && now > 0) ahead = Math.round(now - (sent + received) / 2);
}

/** Call this when the server says that nobody is signed in any more. One listener: the session. */
export function whenSignedOut(listener: (() => void) | null): void {
  gone = listener;
}

/** One question and its answer; rejects with a `Problem`. */
export async function ask<T>(method: Method, path: string, { body, signal, patience }: Asked = {}): Promise<T> {
  const sent = Date.now();
  const answer = await send(method, path, body, within(patience ?? PATIENCE, signal));
  const content = await read(answer);
  if (isRecord(content)) learnClock(content["now"], sent, Date.now());
  if (answer.ok) return content as T;
  throw refusal(content, answer.status);
}

async function send(method: Method, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
  const init: RequestInit = { method, signal, credentials: "same-origin", cache: "no-store", redirect: "error" };
  if (body !== undefined) {
    const whole = body instanceof Blob;
    init.body = whole ? body : JSON.stringify(body);
    init.headers = { "Content-Type": whole ? "application/octet-stream" : "application/json" };
  }
  try {
    return await fetch(path, init);
  } catch {
    throw new Problem(UNREACHABLE);
  }
}

async function read(answer: Response): Promise<unknown> {
  try {
    return await answer.json();
  } catch {
    throw new Problem(answer.status >= 500 ? UNREACHABLE : NOT_OURS, {}, answer.status);
  }
}

function refusal(content: unknown, status: number): Problem {
  if (!isRecord(content) || typeof content["code"] !== "string") return new Problem(NOT_OURS, {}, status);
  if (status === 401 && content["code"] === "session.none") gone?.();
  return new Problem(content["code"], isRecord(content["details"]) ? content["details"] : {}, status);
}

/** Stops when the time is over or the asker gives up. AbortSignal.any is younger than the tablets we run on. */
function within(patience: number, signal?: AbortSignal): AbortSignal {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  stop.signal.addEventListener("abort", () => clearTimeout(timer));
  if (signal?.aborted) stop.abort();
  signal?.addEventListener("abort", () => stop.abort());
  return stop.signal;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
