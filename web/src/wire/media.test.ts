import { beforeEach, describe, expect, it, vi } from "vitest";
import { readCredentials, readRelays, withCredentials, type World } from "./mediasession";
import { Publisher, Receiver } from "./media";

class FakeTrack {
  constructor(readonly kind: string) {}
}

class FakeStream {
  private tracks: FakeTrack[] = [];
  constructor(tracks: FakeTrack[] = []) {
    this.tracks = tracks;
  }
  getTracks = () => [...this.tracks];
  getVideoTracks = () => this.tracks.filter((one) => one.kind === "video");
  getAudioTracks = () => this.tracks.filter((one) => one.kind === "audio");
  addTrack = (track: FakeTrack) => void this.tracks.push(track);
  removeTrack = (track: FakeTrack) => (this.tracks = this.tracks.filter((one) => one !== track));
}

interface Init {
  direction?: string;
  sendEncodings?: RTCRtpEncodingParameters[];
}

/** How a browser codes pictures: what house and browser agree on, and whether it heeds `encodings[].codec`. */
interface Coder {
  agreed: string[];
  heeds: boolean;
}

const named = (mimeType: string) => ({ mimeType, clockRate: 90_000 });

/** A browser's connection, as far as this file talks to it. */
class FakePeer {
  constructor(private readonly coder: Coder) {}
  connectionState = "new";
  iceConnectionState = "new";
  onconnectionstatechange: (() => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  ontrack: (() => void) | null = null;
  localDescription: { sdp: string } | null = null;
  remoteDescription: { sdp: string } | null = null;
  restarts = 0;
  closed = false;
  added: { kind: string; init: Init }[] = [];
  senders: { track: FakeTrack | null }[] = [];

  addTransceiver(of: string | FakeTrack, init: Init) {
    const kind = typeof of === "string" ? of : of.kind;
    this.added.push({ kind, init });
    let parameters = { encodings: init.sendEncodings ?? [], codecs: this.coder.agreed.map(named) };
    let [mayChange, isChanging] = [false, false];
    const sent: { track: FakeTrack | null } = { track: typeof of === "string" ? null : of };
    this.senders.push(sent);
    return {
      receiver: { track: new FakeTrack(kind) },
      setCodecPreferences: (codecs: RTCRtpCodec[]) => {
        this.preferred = codecs.map((one) => one.mimeType);
        parameters.codecs = parameters.codecs.filter((one) => this.preferred?.includes(one.mimeType));
      },
      sender: {
        get track() {
          return sent.track;
        },
        replaceTrack: (track: FakeTrack | null) => Promise.resolve(void (sent.track = track)),
        getParameters: () => ((mayChange = true), structuredClone(parameters)),
        setParameters: async (given: typeof parameters) => {
          if (!mayChange || isChanging) throw new DOMException("getParameters() was not called", "InvalidStateError");
          if (this.isBusy) throw new DOMException("no encoder is free", "OperationError");
          parameters = given;
          // What a browser does not know it does not see.
          if (!this.coder.heeds) for (const one of given.encodings) delete one.codec;
          this.encodings = given.encodings;
          isChanging = true;
          await Promise.resolve();
          mayChange = isChanging = false;
        },
      },
    };
  }
  encodings: RTCRtpEncodingParameters[] = [];
  preferred: string[] | null = null;
  isBusy = false;
  createOffer = () =>
    Promise.resolve({ type: "offer", sdp: `a=ice-ufrag:mine${this.restarts}\r\na=ice-pwd:secret${this.restarts}\r\n` });
  setLocalDescription = (one: { sdp: string }) => Promise.resolve(void (this.localDescription = one));
  setRemoteDescription = (one: { sdp: string }) => Promise.resolve(void (this.remoteDescription = one));
  restartIce = () => void this.restarts++;
  packets = 0;
  getStats = () => Promise.resolve(new Map([["t", { type: "transport", packetsReceived: this.packets }]]));
  close = () => void (this.closed = true);

  become(whole: string, ice: string): void {
    this.connectionState = whole;
    this.iceConnectionState = ice;
    this.onconnectionstatechange?.();
    this.oniceconnectionstatechange?.();
  }
}

interface Asked {
  method: string;
  path: string;
  body: string;
  match: string;
}

/** A server that gives sessions s1, s2 … and remembers what it was asked. */
function house(answers: { status?: number; code?: string } = {}, coder = { agreed: ["video/VP8"], heeds: true }) {
  const asked: Asked[] = [];
  const peers: FakePeer[] = [];
  const looks = new Set<(isChanged: boolean) => void>();
  let sessions = 0;
  const answer = (method: string): Response => {
    if (method === "OPTIONS") {
      const link = '<turns:relay.example:443?transport=tcp>; rel="ice-server"; username="u"; credential="c"';
      return new Response(null, { status: 204, headers: { Link: link } });
    }
    if (answers.status !== undefined && method !== "DELETE") {
      return new Response(JSON.stringify({ code: answers.code, details: {} }), { status: answers.status });
    }
    if (method === "POST") {
      const headers = { Location: `/api/media/k/sessions/s${++sessions}`, ETag: '"one"' };
      return new Response("a=ice-ufrag:theirs\r\na=ice-pwd:first\r\n", { status: 201, headers });
    }
    return new Response(method === "PATCH" ? "a=ice-ufrag:theirs2\r\na=ice-pwd:second\r\n" : "", { status: 200 });
  };
  const world: World = {
    peer: () => {
      const peer = new FakePeer(coder);
      peers.push(peer);
      return peer as unknown as RTCPeerConnection;
    },
    fetch: (path, init) => {
      const method = init?.method ?? "GET";
      const match = new Headers(init?.headers).get("If-Match") ?? "";
      asked.push({ method, path: String(path), body: String(init?.body ?? ""), match });
      return Promise.resolve(answer(method));
    },
    wait: () => new Promise((done) => setTimeout(done, 0)),
    codecs: () => ["video/VP8", "video/rtx", "video/H264"].map(named),
    watch: (look) => {
      looks.add(look);
      return () => looks.delete(look);
    },
  };
  return { asked, peers, world, answers, looks };
}

const camera = () => new FakeStream([new FakeTrack("video"), new FakeTrack("audio")]) as unknown as MediaStream;
/** Turn by turn, so that a machine that stalls leaves nothing behind. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((done) => setTimeout(done, 2));
}

beforeEach(() => {
  vi.stubGlobal("MediaStream", FakeStream);
});

describe("reading what the server says", () => {
  it("finds relays among other links", () => {
    const link = '<https://x>; rel="next", <turn:a:3478>; rel="ice-server"; username="1:a"; credential="z="';
    expect(readRelays(link)).toEqual([{ urls: "turn:a:3478", username: "1:a", credential: "z=" }]);
    expect(readRelays(null)).toEqual([]);
  });

  it("puts new credentials into every part of the answer", () => {
    const answer = "a=ice-ufrag:a\r\na=ice-pwd:b\r\nm=video\r\na=ice-ufrag:a\r\na=ice-pwd:b\r\n";
    const fresh = withCredentials(answer, "a=ice-ufrag:c\r\na=ice-pwd:d\r\n");
    expect(fresh).toBe("a=ice-ufrag:c\r\na=ice-pwd:d\r\nm=video\r\na=ice-ufrag:c\r\na=ice-pwd:d\r\n");
    expect(withCredentials(answer, "")).toBe(answer);
    expect(readCredentials("v=0")).toBeNull();
  });
});

describe("sending", () => {
  it("offers a microphone and three layers of a camera", async () => {
    const { asked, peers, world } = house();
    const up = new Publisher("k", camera(), {}, world);
    await up.open();
    expect(peers[0]?.added.map((one) => [one.kind, one.init.direction])).toEqual([
      ["audio", "sendonly"],
      ["video", "sendonly"],
    ]);
    expect(peers[0]?.added[1]?.init.sendEncodings?.map((one) => one.rid)).toEqual(["l", "m", "h"]);
    expect(asked.map((one) => [one.method, one.path])).toEqual([
      ["OPTIONS", "/api/media/k/up"],
      ["POST", "/api/media/k/up"],
    ]);
    expect([up.session, up.state]).toEqual(["s1", "connecting"]);
  });

  it("shares a screen in one layer, by its own door", async () => {
    const { asked, peers, world } = house();
    await new Publisher("k", camera(), { source: "screen" }, world).open();
    expect(asked[1]?.path).toBe("/api/media/k/up?source=screen");
    expect(peers[0]?.added[1]?.init.sendEncodings).toBeUndefined();
  });

  it("switches off the layers nobody receives, of the present session only", async () => {
    const { peers, world } = house();
    const up = new Publisher("k", camera(), {}, world);
    await up.open();
    await up.setActive("another", { h: false });
    expect(peers[0]?.encodings).toEqual([]);
    await up.setActive("s1", { l: true, m: false, h: true });
    expect(peers[0]?.encodings.map((one) => one.active)).toEqual([true, false, true]);
  });

  it("changes its layers one order after the other, the last one wins", async () => {
    const { peers, world } = house();
    const up = new Publisher("k", camera(), {}, world);
    await up.open();
    const orders = [{ m: false, h: false }, { h: false }, { l: true, m: true, h: true }];
    await Promise.all(orders.map((active) => up.setActive("s1", active)));
    expect(peers[0]?.encodings.map((one) => one.active)).toEqual([true, true, true]);
  });
});

describe("a camera that is off", () => {
  it("sends nothing from the first moment, also when its line begins anew, until it is on again", async () => {
    const { peers, world } = house();
    const up = new Publisher("k", camera(), {}, world);
    await up.replace("video", null);
    await up.open();
    up.goodbye("s1", "lost");
    await settle();
    const sent = (): unknown[] => peers.map((one) => one.senders.map(({ track }) => track?.kind ?? null));
    expect(sent()).toEqual([
      ["audio", null],
      ["audio", null],
    ]);
    await up.replace("video", new FakeTrack("video") as unknown as MediaStreamTrack);
    expect(sent()[1]).toEqual(["audio", "video"]);
  });
});

describe("coding pictures", () => {
  const BOTH = { agreed: ["video/VP8", "video/rtx", "video/H264"], heeds: true };

  it("goes over to H264 and back in the same session, and the layers stay as they were", async () => {
    const { peers, world, asked } = house({}, BOTH);
    const up = new Publisher("k", camera(), {}, world);
    await up.open();
    await Promise.all([up.setActive("s1", { h: false }), up.setCoding("s1", "H264"), up.setCoding("old", "VP8")]);
    expect(peers[0]?.encodings.map((one) => one.codec?.mimeType)).toEqual(Array(3).fill("video/H264"));
    await up.setActive("s1", { m: false });
    expect(peers[0]?.encodings.map((one) => [one.active, one.codec?.mimeType])).toEqual([
      [true, "video/H264"],
      [false, "video/H264"],
      [true, "video/H264"],
    ]);
    await up.setCoding("s1", "VP8");
    expect(peers[0]?.encodings.map((one) => one.codec?.mimeType)).toEqual(Array(3).fill("video/VP8"));
    expect(asked.filter((one) => one.method === "POST")).toHaveLength(1);
  });

  it("stays as it is where H264 was not agreed, or no encoder is free, and goes on changing its layers", async () => {
    const plain = house();
    const up = new Publisher("k", camera(), {}, plain.world);
    await up.open();
    await up.setCoding("s1", "H264");
    expect([plain.peers.length, plain.peers[0]?.encodings]).toEqual([1, []]);

    const busy = house({}, BOTH);
    const other = new Publisher("k", camera(), {}, busy.world);
    await other.open();
    if (busy.peers[0]) busy.peers[0].isBusy = true;
    await expect(other.setCoding("s1", "H264")).resolves.toBeUndefined();
    if (busy.peers[0]) busy.peers[0].isBusy = false;
    await other.setActive("s1", { h: false });
    expect(busy.peers[0]?.encodings.map((one) => [one.active, one.codec])).toEqual([
      [true, undefined],
      [true, undefined],
      [false, undefined],
    ]);
  });

  it("begins anew without VP8 in a browser that changes it in no other way, and with it again afterwards", async () => {
    const { peers, world } = house({}, { ...BOTH, heeds: false });
    const up = new Publisher("k", camera(), {}, world);
    await up.open();
    await up.setCoding("s1", "H264");
    await settle();
    expect([up.session, peers[1]?.preferred]).toEqual(["s2", ["video/rtx", "video/H264"]]);
    await up.setCoding("s2", "H264");
    await settle();
    expect(up.session, "told once more what it does already").toBe("s2");
    await up.setCoding("s2", "VP8");
    await settle();
    expect([up.session, peers[2]?.preferred]).toEqual(["s3", null]);
  });
});

describe("receiving", () => {
  it("offers three sounds, its pictures and the screen, the stage's sound with its picture", async () => {
    const { peers, world } = house();
    const down = new Receiver("k", 2, world);
    await down.open();
    expect(peers[0]?.added.map((one) => one.kind)).toEqual(["audio", "audio", "audio", "video", "video", "video"]);
    expect(down.stage.getTracks().map((one) => one.kind)).toEqual(["audio", "video"]);
    expect(down.video.map((one) => one.getTracks().length)).toEqual([1, 1]);
    expect(down.screen.getTracks()).toHaveLength(1);
  });

  it("gives the same streams new tracks after a reconnection", async () => {
    const { peers, world } = house();
    const down = new Receiver("k", 1, world);
    await down.open();
    const before = down.stage.getTracks();
    peers[0]?.become("failed", "failed");
    await settle();
    expect(peers).toHaveLength(2);
    expect(down.stage.getTracks()).toHaveLength(2);
    expect(down.stage.getTracks()[0]).not.toBe(before[0]);
  });
});

describe("the line", () => {
  it("is live once connected, and repaired by an ICE restart when it stumbles", async () => {
    const { asked, peers, world } = house();
    const up = new Publisher("k", camera(), {}, world);
    const states: string[] = [];
    up.onState = (state) => states.push(state);
    await up.open();
    peers[0]?.become("connected", "connected");
    peers[0]?.become("disconnected", "disconnected");
    await settle();
    const patch = asked.find((one) => one.method === "PATCH");
    expect(patch).toMatchObject({ path: "/api/media/k/sessions/s1", match: "*" });
    expect(patch?.body).toBe("a=ice-ufrag:mine1\r\na=ice-pwd:secret1\r\n");
    expect(peers[0]?.remoteDescription?.sdp).toBe("a=ice-ufrag:theirs2\r\na=ice-pwd:second\r\n");
    peers[0]?.become("connected", "connected");
    expect(states).toEqual(["live", "interrupted", "live"]);
    expect(peers).toHaveLength(1);
  });

  it("begins anew when the server no longer knows the session", async () => {
    const { peers, world, answers } = house();
    const up = new Publisher("k", camera(), {}, world);
    await up.open();
    answers.status = 404;
    answers.code = "media.unknown_session";
    peers[0]?.become("disconnected", "disconnected");
    await new Promise((done) => setTimeout(done, 2));
    delete answers.status;
    await settle();
    expect(up.session).toBe("s2");
    expect(peers[0]?.closed).toBe(true);
    await up.close();
  });

  it("comes again after a goodbye, but not after a revocation", async () => {
    const { world, asked } = house();
    const up = new Publisher("k", camera(), {}, world);
    await up.open();
    up.goodbye("another", "lost");
    expect(up.state).toBe("connecting");
    up.goodbye("s1", "lost");
    await settle();
    expect(up.session).toBe("s2");
    up.goodbye("s2", "revoked");
    await settle();
    expect(up.state).toBe("closed");
    expect(asked.filter((one) => one.method === "POST")).toHaveLength(2);
  });

  it("comes again once when the goodbye arrives after it has set out", async () => {
    const { peers, world, asked, answers } = house();
    const up = new Publisher("k", camera(), {}, world);
    await up.open();
    answers.status = 503;
    peers[0]?.become("failed", "failed");
    up.goodbye("s1", "lost");
    expect(up.session, "the old one is given up").toBe("");
    delete answers.status;
    await settle();
    expect([up.session, asked.filter((one) => one.method === "POST").length]).toEqual(["s2", 2]);
    await up.close();
  });

  it("takes no name from an answer that comes too late", async () => {
    const { world, asked } = house();
    let first: ((answer: Response) => void) | null = null;
    const slow: typeof fetch = (path, init) =>
      init?.method === "POST" && first === null ? new Promise((done) => (first = done)) : world.fetch(path, init);
    const up = new Publisher("k", camera(), {}, { ...world, fetch: slow });
    void up.open();
    await settle();
    await up.open();
    const headers = { Location: "/api/media/k/sessions/late" };
    first!(new Response("a=ice-ufrag:x\r\na=ice-pwd:y\r\n", { status: 201, headers }));
    await settle();
    expect(up.session).toBe("s1");
    expect(asked.filter((one) => one.method === "DELETE").map((one) => one.path)).toEqual([
      "/api/media/k/sessions/late",
    ]);
    await up.close();
  });

  it("stops when it is refused, and says why", async () => {
    const { peers, world, answers } = house();
    const up = new Publisher("k", camera(), {}, world);
    await up.open();
    answers.status = 403;
    answers.code = "session.other_meeting";
    peers[0]?.become("failed", "failed");
    await settle();
    expect([up.state, up.problem?.code]).toEqual(["closed", "session.other_meeting"]);
  });

  it("tells the server when it is closed", async () => {
    const { asked, peers, world } = house();
    const up = new Publisher("k", camera(), {}, world);
    await up.open();
    await up.close();
    expect(asked.at(-1)).toMatchObject({ method: "DELETE", path: "/api/media/k/sessions/s1" });
    expect(peers[0]?.closed).toBe(true);
  });

  it("rejects the first opening with the server's reason", async () => {
    const { world } = house({ status: 503, code: "media.unavailable" });
    await expect(new Publisher("k", camera(), {}, world).open()).rejects.toMatchObject({ code: "media.unavailable" });
  });
});

describe("a line that is watched", () => {
  async function live() {
    const played = house();
    const up = new Publisher("k", camera(), {}, played.world);
    await up.open();
    played.peers[0]?.become("connected", "connected");
    const restarts = () => played.asked.filter((one) => one.method === "PATCH").length;
    const look = async (isChanged = false) => {
      for (const one of played.looks) one(isChanged);
      await settle();
    };
    return { ...played, up, restarts, look };
  }

  it("restarts ICE at once when the device has another network, and stays live", async () => {
    const { up, restarts, look } = await live();
    await look();
    expect(restarts()).toBe(0);
    await look(true);
    expect([restarts(), up.state]).toEqual([1, "live"]);
  });

  it("restarts ICE when packets have stopped, before the browser says so", async () => {
    const { peers, restarts, look } = await live();
    const clock = vi.spyOn(performance, "now");
    for (const [now, packets] of [
      [0, 1],
      [500, 9],
      [1_000, 9],
      [1_400, 9],
    ] as const) {
      clock.mockReturnValue(now);
      if (peers[0]) peers[0].packets = packets;
      await look();
    }
    expect(restarts()).toBe(0);
    clock.mockReturnValue(1_500);
    await look();
    clock.mockRestore();
    expect(restarts()).toBe(1);
  });

  it("asks for the same restart at every look until the house has heard of it", async () => {
    const { peers, world, restarts, look } = await live();
    const whole = world.fetch;
    world.fetch = () => Promise.reject(new TypeError("no network"));
    await look(true);
    await look();
    await look();
    expect([restarts(), peers[0]?.restarts]).toEqual([0, 1]);
    await look(true); // Another network: what was gathered on the old one is of no use.
    expect(peers[0]?.restarts).toBe(2);
    await look();
    expect(peers[0]?.restarts).toBe(2);
    world.fetch = whole;
    await look(); // The house is back: what was gathered without a line may lead nowhere.
    expect([restarts(), peers[0]?.restarts]).toEqual([2, 3]);
    await look();
    expect(restarts()).toBe(2);
  });

  it("begins another restart when the house had heard of it and only the answer was lost", async () => {
    const { peers, world, look } = await live();
    const heard: string[] = [];
    // As the house does it: what it knows already is no restart, and its credentials are not said again.
    world.fetch = async (_path, init) => {
      const ufrag = readCredentials(String(init?.body))?.ufrag ?? "";
      const isNews = heard.at(-1) !== ufrag;
      if (isNews) heard.push(ufrag);
      if (heard.length === 1 && isNews) throw new TypeError("the answer was lost");
      return isNews ? new Response(`a=ice-ufrag:to-${ufrag}\r\na=ice-pwd:p\r\n`) : new Response(null, { status: 204 });
    };
    await look(true);
    await look();
    expect(readCredentials(peers[0]?.remoteDescription?.sdp ?? "")?.ufrag).toBe(
      `to-${readCredentials(peers[0]?.localDescription?.sdp ?? "")?.ufrag}`,
    );
  });

  it("lets the camera rest while it is too thin for both, and sends sound", async () => {
    const { peers, up, look } = await live();
    const clock = vi.spyOn(performance, "now");
    const pair = { type: "candidate-pair", nominated: true, availableOutgoingBitrate: 90_000 };
    if (peers[0]) peers[0].getStats = () => Promise.resolve(new Map([["p", pair as never]]));
    for (const now of [0, 10_000, 10_500, 11_000]) {
      clock.mockReturnValue(now);
      await look();
    }
    expect(peers[0]?.encodings.map((one) => one.active)).toEqual([false, false, false]);
    await up.setActive("s1", { h: false });
    expect(peers[0]?.encodings.map((one) => one.active)).toEqual([false, false, false]);
    clock.mockReturnValue(26_000);
    await look();
    clock.mockRestore();
    expect(peers[0]?.encodings.map((one) => one.active)).toEqual([true, true, false]);
  });

  it("is not judged while the camera is off: it sends its picture as soon as there is one", async () => {
    const { peers, up, look } = await live();
    const clock = vi.spyOn(performance, "now");
    const pair = { type: "candidate-pair", nominated: true, availableOutgoingBitrate: 90_000 };
    if (peers[0]) peers[0].getStats = () => Promise.resolve(new Map([["p", pair as never]]));
    await up.replace("video", null);
    for (const now of [0, 10_000, 10_500, 11_000, 20_000]) {
      clock.mockReturnValue(now);
      await look();
    }
    await up.replace("video", new FakeTrack("video") as unknown as MediaStreamTrack);
    await up.setActive("s1", { h: false });
    expect(peers[0]?.encodings.map((one) => one.active)).toEqual([true, true, false]);
    clock.mockReturnValue(20_500);
    await look();
    clock.mockRestore();
    expect(peers[0]?.encodings.map((one) => one.active)).toEqual([true, true, false]);
  });

  it("is not watched any longer once it is closed", async () => {
    const { up, looks } = await live();
    expect(looks.size).toBe(1);
    await up.close();
    expect(looks.size).toBe(0);
  });
});
