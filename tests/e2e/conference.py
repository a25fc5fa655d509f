"""Sites at their screens: a browser page each, whose camera is a canvas of the site's own colour and a tone."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Browser

from tests.e2e.house import RealHouse
from tests.e2e.people import PATIENCE_S, Somebody

SCREEN = (960, 540)
"""Small: what is tried is the conference, and drawing costs the time of all browsers here."""

CAMERA = """
(() => {
  const colour = COLOUR;
  const brushes = [];
  setInterval(() => {
    for (const [brush, step] of brushes) {
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 320, 180);
      brush.fillStyle = "#888888";
      brush.fillRect((step.at += 7) % 300, 0, 20, 10);
    }
  }, 200);
  function picture() {
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
    brushes.push([canvas.getContext("2d"), { at: 0 }]);
    return canvas.captureStream(5);
  }
  function tone() {
    // Coarse and unhurried: several of these play on two cores.
    const sound = new AudioContext({ latencyHint: "playback", sampleRate: 16000 });
    const note = sound.createOscillator();
    const softly = sound.createGain();
    softly.gain.value = 0.2;
    const microphone = sound.createMediaStreamDestination();
    note.connect(softly).connect(microphone);
    note.start();
    return microphone.stream;
  }
  navigator.mediaDevices.getUserMedia = async (wanted) =>
    new MediaStream([
      ...(wanted.video ? picture().getTracks() : []),
      ...(wanted.audio ? tone().getTracks() : []),
    ]);
  navigator.mediaDevices.getDisplayMedia = async () => picture();
})();
"""

CONNECTIONS = """
(() => {
  // Every connection this page makes is kept, so that a test can ask what really arrived.
  window.connections = [];
  const Plain = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain {
    constructor(...given) {
      super(...given);
      window.connections.push(this);
    }
  };
})();
"""

COUNT = """async () => {
  const found = { sound: 0, energy: 0, frames: 0 };
  for (const connection of window.connections ?? []) {
    for (const one of (await connection.getStats()).values()) {
      if (one.type !== "inbound-rtp") continue;
      if (one.kind === "audio") {
        found.sound += one.packetsReceived;
        found.energy += one.totalAudioEnergy ?? 0;
      } else found.frames += one.framesDecoded ?? 0;
    }
  }
  return found;
}"""

COLOUR_OF = """(label) => {
  const video = document.querySelector(`figure[aria-label="${label}"] video`);
  if (!video || !video.videoWidth || getComputedStyle(video).visibility === "hidden") return null;
  const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 9 });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  brush.drawImage(video, 0, 0, 16, 9);
  const data = brush.getImageData(2, 3, 12, 5).data;
  const sum = [0, 0, 0];
  for (let at = 0; at < data.length; at += 4) for (const part of [0, 1, 2]) sum[part] += data[at + part];
  return sum.map((one) => Math.round(one / (data.length / 4)));
}"""

STAGE = "Hình đang phát biểu"
OWN = "Hình gửi đi"


def rgb(colour: str) -> tuple[int, int, int]:
    """The parts of "#a04010"."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


async def counted(somebody: Somebody) -> None:
    """From the next page on `received` works on this device."""
    await somebody.context.add_init_script(CONNECTIONS)


async def with_camera(somebody: Somebody, colour: str) -> None:
    """From the next page on this device has a camera of that colour and a microphone with a tone."""
    await counted(somebody)
    await somebody.context.add_init_script(CAMERA.replace("COLOUR", f'"{colour}"'))


async def site(browser: Browser, house: RealHouse, code: str, colour: str, size: tuple[int, int] = SCREEN) -> Somebody:
    """A site's screen, come in by its invitation as an official would: the link is opened, nothing is typed."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="vi-VN",
        permissions=["camera", "microphone"],
        service_workers="block",
    )
    screen = Somebody(house, context, await context.new_page(), "")
    await with_camera(screen, colour)
    await screen.opens(f"/dang-nhap#{code}")
    await screen.page.wait_for_url("**/diem-cau/**")
    return screen


async def invitation(secretary: Somebody, meeting: str, who: str) -> str:
    """A fresh code for a site."""
    made = await secretary.asks("POST", f"/api/meetings/{meeting}/invitations", {"kind": "site", "who": who})
    return str(made["code"])


async def received(somebody: Somebody) -> dict[str, Any]:
    """Packets of sound and frames decoded on this device so far, over all its connections."""
    counts: dict[str, Any] = await somebody.page.evaluate(COUNT)
    return counts


async def counts_anew(somebody: Somebody) -> None:
    """From now on `received` counts only what comes over connections that this device makes later."""
    await somebody.page.evaluate("() => void window.connections.splice(0)")


async def still_counts(somebody: Somebody, what: str, within_s: float = PATIENCE_S) -> None:
    """Wait until more of it has arrived: "frames" or "sound" packets, "energy" heard."""
    before = (await received(somebody))[what]
    try:
        async with asyncio.timeout(within_s):
            while (found := (await received(somebody))[what]) <= before:
                before = found  # less than before: a connection has ended, and another counts from the beginning
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"no more {what} than {before}") from None


async def falls_silent(somebody: Somebody, within_s: float = PATIENCE_S) -> None:
    """Wait until what was on its way has arrived: for a second pictures go on coming and no sound does."""
    async with asyncio.timeout(within_s):
        while True:
            before = await received(somebody)
            await asyncio.sleep(1)
            after = await received(somebody)
            if after["sound"] == before["sound"] and after["frames"] > before["frames"]:
                return


async def colour_of(somebody: Somebody, label: str = STAGE) -> list[int] | None:
    """The average colour of a picture on this screen; None while there is no picture."""
    found: list[int] | None = await somebody.page.evaluate(COLOUR_OF, label)
    return found


async def sees_colour(somebody: Somebody, colour: str, label: str = STAGE, within_s: float = PATIENCE_S) -> None:
    """Wait until a picture shows that colour; codecs may change each part a little."""
    wanted, found = rgb(colour), None
    try:
        async with asyncio.timeout(within_s):
            while True:
                found = await colour_of(somebody, label)
                if found and max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < 40:
                    return
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"{label}: {found} instead of {wanted}") from None
