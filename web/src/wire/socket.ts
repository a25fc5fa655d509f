/** One Socket.IO connection, over WebSocket only. Reconnecting is decided by `LiveClient`, not by the library. */
import { io } from "socket.io-client";

/** What a connection can say. `alive` is said whenever the server's heartbeat is heard. */
export interface SocketSays {
  connected(): void;
  /** The ticket was refused, or the line never came up. */
  refused(code: string): void;
  lost(): void;
  alive(): void;
  heard(word: "event" | "status" | "hint", payload: unknown): void;
}

export interface LiveSocket {
  /** Say a word that is answered. */
  ask(word: "command" | "sync", payload: unknown, answered: (answer: unknown) => void): void;
  /** Say a word that may be lost. */
  hint(payload: unknown): void;
  close(): void;
}

export interface Credentials {
  readonly ticket: string;
  readonly endpoint: string;
}

export type OpenSocket = (credentials: Credentials, says: SocketSays) => LiveSocket;

const WORDS = ["event", "status", "hint"] as const;

/** Opens sockets to this origin, for example `https://hop.example`; empty for the page's own. */
export function socketsTo(origin: string): OpenSocket {
  return (credentials, says) => {
    const options = { path: "/live/", transports: ["websocket"], forceNew: true, reconnection: false, timeout: 5_000 };
    const everything = { ...options, auth: { ...credentials } };
    const socket = origin === "" ? io(everything) : io(origin, everything);
    socket.on("connect", () => says.connected());
    socket.on("connect_error", (error) => says.refused(error.message));
    socket.on("disconnect", () => says.lost());
    socket.io.on("ping", () => says.alive());
    for (const word of WORDS) socket.on(word, (payload: unknown) => says.heard(word, payload));
    return {
      ask: (word, payload, answered) => void socket.emit(word, payload, answered),
      hint: (payload) => void socket.volatile.emit("hint", payload),
      close: () => void socket.disconnect(),
    };
  };
}
