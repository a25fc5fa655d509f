"""A real media process and a real recorder, with senders of really coded pictures and sounds."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import pytest

from bench.media.client import build, offer_up
from server.config import MediaSettings, RecordingSettings
from server.media import rtcp
from server.media.conference import RECORDER, Endpoint, Grants
from server.media.recorder import process, words
from server.media.recorder.folder import recorded_in
from server.media.recorder.index import Recorded
from server.media.recorder.service import Recordings
from tests.media.conftest import ALL, House, Site, until
from tests.media.recorder.coded import h264_payloads, pictures, sounds, vp8_payloads

START = """
import sys, uvloop
from pathlib import Path
from server.config import MediaSettings, RecordingSettings
from server.media.recorder import process
media = MediaSettings(control_socket=Path(sys.argv[1]))
recording = RecordingSettings(control_socket=Path(sys.argv[2]), folder=Path(sys.argv[3]), min_free_mb=100)
uvloop.run(process.run(recording, media))
"""


class Speaker:
    """Sends what a camera and a microphone would: real VP8 or H264, real Opus, and sender reports."""

    def __init__(self, site: Site, codec: str = "libvpx") -> None:
        self.site = site
        self.codec = codec
        self.pictures = self.sounds = 0
        self.began = 0

    def picture(self, at_ms: int) -> None:
        """The next coded picture; one that was asked for stands alone."""
        if self.site.keys:
            self.site.keys.clear()
            self.pictures += -self.pictures % 15
        coded = pictures(self.codec)[self.pictures % 90][0]
        self.pictures += 1
        payloads = vp8_payloads(coded) if self.codec == "libvpx" else h264_payloads(coded)
        kind, ssrc = (96 if self.codec == "libvpx" else 102), self.site.ssrcs[""]
        for payload, last in payloads:
            self.site.number[""] += 1
            self.site.peer.send_rtp(
                build((kind, 128 * last, self.site.number[""], at_ms * 90, ssrc), {4: b"1"}, payload)
            )

    def voice(self, at_ms: int, level: int = 30) -> None:
        """The next 20 ms of sound."""
        self.site.sound += 1
        payload = sounds()[self.sounds % 250]
        self.sounds += 1
        self.site.peer.send_rtp(
            build((111, 0, self.site.sound, at_ms * 48, 99), {4: b"0", 1: bytes((level,))}, payload)
        )

    def report(self, at_ms: int, now_ms: float) -> None:
        """Which moment the timestamps stand for."""
        reports = [(self.site.ssrcs[""], at_ms * 90), (99, at_ms * 48)]
        for ssrc, timestamp in reports:
            stamp = timestamp & 0xFFFFFFFF
            self.site.peer.send_rtcp(
                rtcp.sender_report(ssrc, rtcp.ntp_time(now_ms), stamp, (1, 1)) + rtcp.description(ssrc, "x")
            )


class Studio:
    """The media process, the recorder, and web's line to it."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.settings = RecordingSettings(control_socket=folder / "r.sock", folder=folder / "kept", min_free_mb=100)
        self.heard: list[words.Observation] = []
        self.web = Recordings(self.settings.control_socket, self.heard.append)
        self.tasks: list[asyncio.Task[None]] = []
        self.recorder: asyncio.Task[None] | None = None
        self.number = 0
        self.speakers: dict[str, Speaker] = {}
        self.at = 10_000

    async def start(self) -> None:
        self.recorder = asyncio.create_task(process.run(self.settings, self.house.settings))
        self.tasks.append(asyncio.create_task(self.web.run()))
        await asyncio.wait_for(self.web.up.wait(), 60)

    async def close(self) -> None:
        for task in [*self.tasks, *([self.recorder] if self.recorder else [])]:
            task.cancel()
        await asyncio.gather(*self.tasks, *([self.recorder] if self.recorder else []), return_exceptions=True)

    def admit(self, *names: str, stage: str, recording: bool = True, **grants: Grants) -> None:
        listed = [Endpoint(one, grants.get(one, ALL)) for one in names]
        listed += [Endpoint(RECORDER, Grants())] if recording else []
        self.house.desire(endpoints=tuple(listed), stage=stage, floor=stage, order=names)

    def want(self, recording: bool, why: str = "paused", over: bool = False) -> None:
        self.number += 1
        self.web.want(words.Wanted("k", 1, self.number, recording, why, over))  # type: ignore[arg-type]

    async def speaker(self, name: str, codec: str = "libvpx") -> Speaker:
        site = await self.house.publish(name) if codec == "libvpx" else await self._encoder(name)
        self.speakers[name] = Speaker(site, codec)
        return self.speakers[name]

    async def _encoder(self, name: str) -> Site:
        """A sender that offers nothing but H264."""
        peer = self.house.peers.add()
        lines = offer_up(peer, (99, 100, 101)).replace("96 97 102 103", "102 103").split("\r\n")
        sdp = "\r\n".join(line for line in lines if not re.match(r"a=(rtpmap|fmtp|rtcp-fb):9[67] ", line))
        answer = await self.house.web.open("k", name, ("up", "camera"), ALL, sdp)
        peer.session = answer.session
        await peer.connect(answer.body)
        return Site(peer)

    @property
    def running(self) -> bool:
        states = [one for one in self.heard if isinstance(one, words.Recording)]
        return bool(states) and states[-1].running

    @property
    def troubled(self) -> str:
        """What the recorder complained of last."""
        states = [one for one in self.heard if isinstance(one, words.Recording)]
        return states[-1].trouble if states else ""

    @property
    def recorded(self) -> Recorded:
        return recorded_in(self.settings.folder / "k")

    @property
    def folder(self) -> Path:
        return self.settings.folder / "k"

    async def talk(self, until_true: Callable[[], object], silent: Iterable[str] = (), limit_s: float = 60) -> int:
        """Everybody sends at the pace of life until it is so; how many pictures each sent."""
        loop = asyncio.get_running_loop()
        began, sent, beats = loop.time(), 0, 0
        while not until_true():
            assert loop.time() - began < limit_s, "it did not come about"
            for name, one in self.speakers.items():
                if name not in silent:
                    one.voice(self.at)
                    if beats % 2 == 0:
                        one.picture(self.at)
                    if beats % 25 == 0:
                        one.report(self.at, self.house_now())
            sent += beats % 2 == 0
            self.at += 20
            beats += 1
            await asyncio.sleep(max(0, began + beats * 0.02 - loop.time()))
        return sent

    async def talk_for(self, seconds: float) -> int:
        """Everybody sends for so long."""
        end = self.at + round(seconds * 1000)
        return await self.talk(lambda: self.at >= end)

    @staticmethod
    def house_now() -> float:
        from server.clock import SystemClock

        return float(SystemClock().now())


class Child:
    """The recorder as a process that can be killed."""

    def __init__(self, media: MediaSettings, recording: RecordingSettings) -> None:
        places = [str(one) for one in (media.control_socket, recording.control_socket, recording.folder)]
        self.process = subprocess.Popen([sys.executable, "-c", START, *places])

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


@pytest.fixture
async def studio(house: House, tmp_path: Path) -> AsyncIterator[Studio]:
    """Everything but the recorder itself."""
    running = Studio(house, tmp_path)
    yield running
    await running.close()


__all__ = ["Child", "Speaker", "Studio", "until"]
