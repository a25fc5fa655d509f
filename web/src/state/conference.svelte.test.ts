import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BLANK } from "../core/meeting";
import { member, site, speech as speechOf } from "../deskexample";
import type { Command, Meeting, Speech } from "../wire/types";
import type { World } from "../wire/media";
import { Conference } from "./conference.svelte";
import { DeskScreen } from "./deskscreen.svelte";
import type { MeetingState } from "./meeting.svelte";

class FakeTrack extends EventTarget {
  enabled = true;
  stopped = false;
  constructor(readonly kind: string) {
    super();
  }
  clone = (): FakeTrack => new FakeTrack(this.kind);
  stop = (): void => void (this.stopped = true);
  getSettings = (): MediaTrackSettings => ({ width: 320 });
}

class FakeStream {
  constructor(private tracks: FakeTrack[] = []) {}
  getTracks = () => [...this.tracks];
  getVideoTracks = () => this.tracks.filter((one) => one.kind === "video");
  getAudioTracks = () => this.tracks.filter((one) => one.kind === "audio");
  addTrack = (track: FakeTrack) => void this.tracks.push(track);
  removeTrack = (track: FakeTrack) => void (this.tracks = this.tracks.filter((one) => one !== track));
}

/** A connection that stands as soon as it is answered, and remembers what is sent. */
class FakePeer {
  connectionState = "new";
  iceConnectionState = "new";
  onconnectionstatechange: (() => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  ontrack: (() => void) | null = null;
  localDescription = { sdp: "" };
  closed = false;
  kinds: string[] = [];
  replaced: (FakeTrack | null)[] = [];
  parameters = {
    encodings: [{}] as RTCRtpEncodingParameters[],
    codecs: [
      { mimeType: "video/VP8", clockRate: 90_000 },
      { mimeType: "video/H264", clockRate: 90_000 },
    ],
  };
  addTransceiver(of: string | FakeTrack) {
    const kind = typeof of === "string" ? of : of.kind;
    this.kinds.push(kind);
    return {
      receiver: { track: new FakeTrack(kind) },
      sender: {
        replaceTrack: async (track: FakeTrack | null) => void this.replaced.push(track),
        getParameters: () => structuredClone(this.parameters),
        setParameters: async (given: typeof this.parameters) => void (this.parameters = given),
      },
    };
  }
  createOffer = async () => ({ type: "offer", sdp: "" });
  setLocalDescription = async () => undefined;
  setRemoteDescription = async () => {
    this.connectionState = this.iceConnectionState = "connected";
    this.onconnectionstatechange?.();
  };
  close = () => void (this.closed = true);
}

/** The meeting as this device knows it, without a server. */
class FakeStanding {
  meeting = $state.raw<Meeting | null>(null);
  statuses = $state.raw<Record<string, unknown>>({});
  readonly id = "m";
  version = 0;
  answers = 0;
  readonly commands: Command[] = [];
  constructor(readonly me: string) {}
  now = (): number => Date.now();
  command = async (command: Command) => {
    this.commands.push(command);
    return { ok: true, now: Date.now(), version: this.answers };
  };
}

const NORTH = site("north", { name: "Xã Bắc", order: 2 });
const THERE = { state: "site", since: 0, late: false, excused: false, reason: "", how: "", by: "" } as const;
const SPEAKER = member("n", { name: "n", site: "north", attendance: THERE });
const OPEN: Meeting = { ...BLANK, phase: "open", sites: { north: NORTH }, members: { n: SPEAKER } };
const speech = (id: string): Speech => speechOf("n", { id, began_at: Date.now(), opens_at: Date.now() + 3_000 });

let peers: FakePeer[] = [];
let doors: string[] = [];
let conference: Conference | null = null;

const world: World = {
  peer: () => peers[peers.push(new FakePeer()) - 1] as unknown as RTCPeerConnection,
  fetch: async (path, init) => {
    if (init?.method === "POST") doors.push(String(path));
    const headers = { Location: `/api/media/m/sessions/s${doors.length}` };
    return new Response(init?.method === "POST" ? "v=0" : null, { headers });
  },
  wait: () => Promise.resolve(),
};

function begin(me: string, meeting: Meeting): { standing: FakeStanding; joined: Conference } {
  const standing = new FakeStanding(me);
  standing.meeting = meeting;
  const joined = (conference = new Conference(standing as unknown as MeetingState, { slots: 1, slotsAlone: 4, world }));
  flushSync();
  return { standing, joined };
}

async function passes(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  flushSync();
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.stubGlobal("MediaStream", FakeStream);
  vi.stubGlobal("AudioContext", undefined);
  sessionStorage.clear();
  const media = Object.assign(new EventTarget(), {
    getUserMedia: async (wanted: MediaStreamConstraints) =>
      new FakeStream([new FakeTrack(wanted.video ? "video" : "audio")]),
    enumerateDevices: async () => [],
  });
  vi.stubGlobal("navigator", Object.assign(Object.create(navigator), { mediaDevices: media }));
  [peers, doors] = [[], []];
});
afterEach(() => {
  conference?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a site joins both ways, and leaves when the meeting is over", async () => {
  const { standing, joined } = begin("north", OPEN);
  await passes(50);
  expect(doors.some((door) => door.endsWith("/down"))).toBe(true);
  expect(doors.some((door) => door.endsWith("/up"))).toBe(true);
  expect([joined.receiving, joined.sending]).toEqual(["live", "live"]);
  const camera = joined.devices?.camera as unknown as FakeTrack;

  standing.meeting = { ...OPEN, phase: "closed" };
  await passes(50);
  expect(joined.receiver).toBeNull();
  expect(camera.stopped).toBe(true);
  expect(peers.every((peer) => peer.closed)).toBe(true);
});

test("a tablet in a site's room receives one picture and opens no device", async () => {
  const { joined } = begin("n", OPEN);
  await passes(50);
  expect(doors).toEqual(["/api/media/m/down"]);
  expect(peers[0]?.kinds.filter((kind) => kind === "video")).toHaveLength(2); // the stage and a shared screen
  expect(joined.devices).toBeNull();
});

test("whoever goes online on their own gets more pictures and sends theirs", async () => {
  const { standing, joined } = begin("n", OPEN);
  await passes(50);
  const online = { ...SPEAKER, attendance: { ...SPEAKER.attendance, state: "online" as const } };
  standing.meeting = { ...OPEN, members: { n: online } };
  await passes(50);
  expect(joined.sends).toBe(true);
  expect(joined.receiver?.video).toHaveLength(4);
  expect(doors.some((door) => door.endsWith("/up"))).toBe(true);
});

test("the microphone opens three seconds after the floor came, and closes with it", async () => {
  const { standing, joined } = begin("north", OPEN);
  await passes(50);
  const sent = () => (joined.devices?.sent as unknown as FakeTrack).enabled;
  expect(sent()).toBe(false);

  standing.meeting = { ...OPEN, speaking: speech("first") };
  flushSync();
  expect(joined.microphone).toMatchObject({ state: "soon", seconds: 3 });
  await passes(2_600);
  expect(sent()).toBe(false);
  await passes(700);
  expect([joined.microphone.state, sent()]).toEqual(["live", true]);

  standing.meeting = OPEN;
  flushSync();
  expect([joined.microphone.why, sent()]).toEqual(["waiting", false]);
});

test("the microphone opens at once when the chair says so", async () => {
  const { standing, joined } = begin("north", OPEN);
  await passes(50);
  const invited = { ...speech("first"), opens_at: Date.now() + 3_000 };
  standing.meeting = { ...OPEN, speaking: invited };
  flushSync();
  expect(joined.microphone).toMatchObject({ state: "soon", seconds: 3 });
  await passes(500);
  standing.meeting = { ...OPEN, speaking: { ...invited, opens_at: Date.now() } };
  await passes(300);
  expect(joined.microphone.state).toBe("live");
});

test("an invitation without warning opens it at once", async () => {
  const { standing, joined } = begin("north", OPEN);
  await passes(50);
  standing.meeting = { ...OPEN, speaking: { ...speech("first"), opens_at: Date.now() } };
  flushSync();
  expect(joined.microphone.state).toBe("live");
});

test("what the desk opens by hand in the middle of a speech is announced too", async () => {
  const { standing, joined } = begin("north", OPEN);
  await passes(50);
  standing.meeting = { ...OPEN, speaking: speech("first") };
  await passes(20_000);
  standing.meeting = { ...standing.meeting, microphones: { north: "closed" } };
  await passes(300);
  standing.meeting = { ...standing.meeting, microphones: { north: "open" } };
  flushSync();
  expect(joined.microphone).toMatchObject({ state: "soon", seconds: 3 });
});

test("who may not open it closes it in truth, and is heard again by the desk's hand alone", async () => {
  const { standing, joined } = begin("north", { ...OPEN, locked: ["north"], microphones: { north: "open" } });
  await passes(50);
  expect(joined.microphone.state).toBe("live");
  await joined.mute(true);
  expect(standing.commands).toEqual([{ type: "microphone.close", closed: true }]);
  expect(joined.microphone).toMatchObject({ state: "off", why: "locked" });
  standing.meeting = { ...OPEN, locked: ["north"], microphones: { north: "closed" } };
  await passes(300);
  standing.meeting = { ...OPEN, locked: ["north"], microphones: { north: "open" } };
  await passes(3_500);
  expect(joined.microphone.state).toBe("live");
});

test("a page that is loaded again during its own speech is live at once", async () => {
  const running = { ...speech("first"), began_at: Date.now() - 60_000, opens_at: Date.now() - 57_000 };
  const { joined } = begin("north", { ...OPEN, speaking: running });
  await passes(50);
  expect(joined.microphone.state).toBe("live");
});

test("closed and opened again before the meeting shows that it was closed, it is open for the meeting, too", async () => {
  const { standing, joined } = begin("north", OPEN);
  await passes(50);
  standing.meeting = { ...OPEN, speaking: speech("first") };
  await passes(4_000);
  standing.answers = 1; // the version at which the meeting shows what is asked first
  await joined.mute(true);
  await joined.mute(false);
  expect(standing.commands).toEqual([
    { type: "microphone.close", closed: true },
    { type: "microphone.close", closed: false },
  ]);
});

test("what was closed by hand in one speech opens for the next, and the meeting is told", async () => {
  const { standing, joined } = begin("north", OPEN);
  await passes(50);
  standing.meeting = { ...OPEN, speaking: speech("first") };
  await passes(4_000);
  await joined.mute(true);
  expect(joined.microphone).toMatchObject({ state: "off", why: "muted" });
  expect(standing.commands).toEqual([{ type: "microphone.close", closed: true }]);

  standing.meeting = { ...OPEN, microphones: { north: "closed" } };
  await passes(300);
  standing.meeting = { ...standing.meeting, speaking: speech("second") };
  await passes(300);
  expect(standing.commands.at(-1)).toEqual({ type: "microphone.close", closed: false });
  standing.meeting = { ...standing.meeting, microphones: { north: "open" } };
  await passes(3_500);
  expect(joined.microphone.state).toBe("live");

  standing.meeting = { ...standing.meeting, speaking: null };
  await passes(300);
  expect(standing.commands.at(-1)).toEqual({ type: "microphone.close", closed: true });
});

test("before the opening sound goes out only while it is tested", async () => {
  const { standing, joined } = begin("north", { ...OPEN, phase: "published" });
  await passes(50);
  expect(joined.isLive).toBe(false);
  joined.testing = true;
  expect(joined.isLive).toBe(true);
  standing.meeting = OPEN;
  await passes(50);
  expect([joined.testing, joined.isLive]).toEqual([false, false]);
});

test("a second device of the same site takes over; the first stays away until it is asked", async () => {
  const { standing, joined } = begin("north", OPEN);
  await passes(50);
  const count = doors.length;
  const told = { type: "joined", session: "elsewhere", direction: "down", source: "camera", endpoint: "north" };
  standing.statuses = { "media.camera:north": told };
  await passes(5_000);
  expect(joined.replaced).toBe(true);
  expect(joined.receiver).toBeNull();
  expect(doors).toHaveLength(count);

  joined.rejoin();
  await passes(50);
  expect(doors.length).toBeGreaterThan(count);
  expect(joined.receiving).toBe("live");
});

test("a camera that is turned off sends nothing, and comes back by one touch", async () => {
  const { joined } = begin("north", OPEN);
  await passes(50);
  const up = peers.find((peer) => peer.replaced.length > 0);
  await joined.turnCamera(true);
  expect(up?.replaced.at(-1)).toBeNull();
  await joined.turnCamera(false);
  expect(up?.replaced.at(-1)).toBe(joined.devices?.camera);
});

test("the picture is coded as the house says of this session", async () => {
  const { standing } = begin("north", OPEN);
  await passes(50);
  const up = doors.findIndex((door) => door.endsWith("/up"));
  const told = (session: string) => ({ "media.coding.camera:north": { type: "coding", session, codec: "H264" } });
  standing.statuses = told("another");
  await passes(50);
  expect(peers.map((one) => one.parameters.encodings[0]?.codec)).toEqual([undefined, undefined]);
  standing.statuses = told(`s${up + 1}`);
  await passes(50);
  const codecs = peers.map((one) => one.parameters.encodings[0]?.codec?.mimeType);
  expect([...codecs].sort()).toEqual(["video/H264", undefined]);
});

test("the seats are those the forwarder names", () => {
  const { standing, joined } = begin("north", OPEN);
  standing.statuses = { "media.slots:north": { seats: { video: ["hall"], audio: [], screen: null }, off: [] } };
  expect(joined.seats.video).toEqual(["hall"]);
});

test("a site ordered to send sound only takes its picture off the line, both ways, and puts it back when told", async () => {
  const { standing, joined } = begin("north", OPEN);
  await passes(50);
  const up = peers.find((peer) => peer.replaced.length > 0);
  standing.statuses = { "line.order:north": { audio_only: true } };
  await passes(50);
  expect(up?.replaced.at(-1)).toBeNull();
  expect(peers.at(-1)?.kinds).toEqual(["audio", "audio", "audio"]);
  await joined.turnCamera(false);
  expect(up?.replaced.at(-1), "the own button does not overrule the order").toBeNull();
  standing.statuses = { "line.order:north": { audio_only: false } };
  await passes(50);
  expect(up?.replaced.at(-1)).toBe(joined.devices?.camera);
  expect(peers.at(-1)?.kinds).toContain("video");
});

test("a desk receives the screen that somebody else shares, and nothing while nobody does", async () => {
  const standing = new FakeStanding("chair");
  standing.meeting = OPEN;
  const desk = new DeskScreen(standing as unknown as MeetingState, world);
  await passes(10);
  expect(doors).toEqual([]);
  standing.meeting = { ...OPEN, sharing: "n" };
  flushSync();
  await passes(10);
  expect(doors).toEqual(["/api/media/m/down?as=desk"]);
  standing.statuses = { "media.slots:chair~desk": { seats: { video: [null], audio: [], screen: "n" }, off: [] } };
  expect(desk.seats.screen).toBe("n");
  // Another tablet of the chair shows it now: this one stays away until the next screen.
  const told = { type: "joined", session: "/api/media/m/sessions/other", direction: "down" };
  standing.statuses = { ...standing.statuses, "media.camera:chair~desk": told };
  flushSync();
  standing.meeting = { ...OPEN, sharing: "chair" };
  flushSync();
  expect([desk.receiver, desk.replaced]).toEqual([null, false]);
  desk.close();
});
