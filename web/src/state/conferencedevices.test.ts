import { afterEach, expect, test, vi } from "vitest";
import { ConferenceDevices } from "./conferencedevices.svelte";

class FakeTrack extends EventTarget {
  stopped = false;
  enabled = true;
  constructor(readonly kind: string) {
    super();
  }
  clone = (): FakeTrack => new FakeTrack(this.kind);
  stop = (): void => void (this.stopped = true);
}

class FakeStream {
  constructor(readonly tracks: FakeTrack[] = []) {}
  getTracks = (): FakeTrack[] => this.tracks;
  getVideoTracks = (): FakeTrack[] => this.tracks.filter((one) => one.kind === "video");
  getAudioTracks = (): FakeTrack[] => this.tracks.filter((one) => one.kind === "audio");
  addTrack = (track: FakeTrack): void => void this.tracks.push(track);
  removeTrack = (): void => undefined;
}

/** Opens devices when the test says so. */
class SlowMedia extends EventTarget {
  readonly opened: FakeTrack[] = [];
  private readonly asked: (() => void)[] = [];
  getUserMedia = ({ video }: MediaStreamConstraints): Promise<FakeStream> =>
    new Promise((resolve) => {
      const track = new FakeTrack(video ? "video" : "audio");
      this.asked.push(() => (this.opened.push(track), resolve(new FakeStream([track]))));
    });
  enumerateDevices = async (): Promise<MediaDeviceInfo[]> => [];
  answer(): void {
    for (const open of this.asked.splice(0)) open();
  }
}

afterEach(() => vi.unstubAllGlobals());

test("a device that is plugged in while others are opened leaves none of them running unused", async () => {
  vi.stubGlobal("MediaStream", FakeStream);
  const media = new SlowMedia();
  const devices = new ConferenceDevices(() => undefined, media as unknown as MediaDevices);
  const opening = devices.open();
  media.dispatchEvent(new Event("devicechange"));
  media.answer();
  await opening;
  await expect.poll(() => devices.camera).not.toBeNull();
  expect(media.opened.map(({ kind }) => kind).sort()).toEqual(["audio", "audio", "video", "video"]);
  expect(media.opened.filter(({ stopped }) => !stopped).map(({ kind }) => kind)).toEqual(["video", "audio"]);
  expect(devices.stream?.getTracks().map(({ kind }) => kind)).toEqual(["video", "audio"]);
  devices.close();
});
