/** Sending a file up, with how far it has come. */
import { type Details, NOT_OURS, UNREACHABLE } from "./http";

/** What came back: the paper's id, or why not. */
export type Sent = { readonly paper: string } | { readonly code: string; readonly details: Details };

export interface Sending {
  readonly answer: Promise<Sent>;
  /** Stop before it is up; it is then answered as unreachable. */
  stop: () => void;
}

/** `fetch` cannot tell how much has gone out; the older door can. `onshare` gets 0 to 1. */
export function sendFile(method: "POST" | "PUT", path: string, file: File, onshare: (share: number) => void): Sending {
  const request = new XMLHttpRequest();
  const answer = new Promise<Sent>((resolve) => {
    const lost = (): void => resolve({ code: UNREACHABLE, details: {} });
    request.open(method, path);
    request.responseType = "json";
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.upload.onprogress = ({ loaded, total }) => onshare(total > 0 ? loaded / total : 0);
    [request.onerror, request.onabort] = [lost, lost];
    request.onload = () => resolve(answered(request.status, request.response as unknown));
    request.send(file);
  });
  return { answer, stop: () => request.abort() };
}

function answered(status: number, content: unknown): Sent {
  const { id, code, details } = (content ?? {}) as { id?: string; code?: string; details?: Details };
  if (status < 300 && typeof id === "string") return { paper: id };
  return { code: code ?? NOT_OURS, details: details ?? {} };
}
