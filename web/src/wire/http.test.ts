import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ask, learnClock, Problem, serverNow, whenSignedOut } from "./http";

let server: Server | undefined;

/** A real server on a free port that answers like this. */
async function answering(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((ready) => server?.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json =
  (status: number, content: unknown): RequestListener =>
  (_, response) => {
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(content));
  };

async function problemOf(question: Promise<unknown>): Promise<Problem> {
  const problem = await question.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(problem).toBeInstanceOf(Problem);
  return problem as Problem;
}

afterEach(() => {
  whenSignedOut(null);
  learnClock(Date.now(), Date.now(), Date.now());
  server?.closeAllConnections();
  server?.close();
});

describe("asking the server", () => {
  it("sends JSON and gives back what was answered", async () => {
    const base = await answering((request, response) => {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => {
        const heard = { method: request.method, type: request.headers["content-type"], body: JSON.parse(body) };
        response.end(JSON.stringify(heard));
      });
    });
    const heard = await ask("POST", `${base}/api/session`, { body: { username: "nguyệt" } });
    expect(heard).toEqual({ method: "POST", type: "application/json", body: { username: "nguyệt" } });
  });

  it("turns a refusal into a problem with its code and details", async () => {
    const refused = { ok: false, code: "signin.too_often", details: { minutes: 15 }, now: 5 };
    const problem = await problemOf(ask("POST", await answering(json(429, refused))));
    expect([problem.code, problem.details, problem.status]).toEqual(["signin.too_often", { minutes: 15 }, 429]);
  });

  it("tells the session when nobody is signed in any more, and only then", async () => {
    let told = 0;
    whenSignedOut(() => told++);
    await problemOf(ask("GET", await answering(json(401, { ok: false, code: "signin.refused", details: {} }))));
    expect(told).toBe(0);
    server?.close();
    await problemOf(ask("GET", await answering(json(401, { ok: false, code: "session.none", details: {} }))));
    expect(told).toBe(1);
  });

  it("knows a line that is down from an answer that is not ours", async () => {
    const base = await answering((_, response) => void response.end("<html>proxy</html>"));
    expect((await problemOf(ask("GET", base))).code).toBe("network.not_ours");
    server?.closeAllConnections();
    await new Promise((closed) => server?.close(closed));
    expect((await problemOf(ask("GET", base))).code).toBe("network.unreachable");
  });

  it("calls a gateway's error page an unreachable server", async () => {
    const base = await answering((_, response) => void response.writeHead(502).end("Bad gateway"));
    expect((await problemOf(ask("GET", base))).code).toBe("network.unreachable");
  });

  it("gives up on a server that does not answer", async () => {
    const base = await answering(() => undefined);
    expect((await problemOf(ask("GET", base, { patience: 30 }))).code).toBe("network.unreachable");
  });

  it("stops when the asker no longer wants to know", async () => {
    const base = await answering(() => undefined);
    const stop = new AbortController();
    const question = problemOf(ask("GET", base, { signal: stop.signal }));
    stop.abort();
    expect((await question).code).toBe("network.unreachable");
  });
});

describe("the server's clock", () => {
  it("is learned from the middle of question and answer", () => {
    learnClock(10_000_000, 1_000, 3_000);
    expect(serverNow() - Date.now()).toBeGreaterThanOrEqual(9_997_999);
    expect(serverNow() - Date.now()).toBeLessThanOrEqual(9_998_001);
  });

  it("is not confused by answers without one", () => {
    learnClock(10_000_000, 1_000, 3_000);
    learnClock(undefined, 0, 0);
    learnClock("now", 0, 0);
    expect(serverNow() - Date.now()).toBeGreaterThanOrEqual(9_997_999);
  });
});
