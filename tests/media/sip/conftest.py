"""A conference, a switchboard with a real Janus, and a room codec: sipp speaks SIP, we send sound and pictures."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
import socket
import time
from array import array
from collections.abc import AsyncIterator
from pathlib import Path

import av
import pytest

from bench.media.client import HOST
from server.config import SipSettings
from server.media.conference import Grants
from server.media.recorder.frames import H264Frames
from server.media.rtp import VIDEO_RATE, Codec, Packet, parse
from server.media.sip import process
from server.media.sip.coding import PIECE, Brush, Ear, Eye, Mouth, level
from server.media.sip.packing import Outgoing
from server.media.sip.service import Calls
from server.media.sip.words import Call, Line, Observation, Wanted
from tests.components import free_port
from tests.media.conftest import House, house
from tests.media.player import player

__all__ = ["house", "player"]

HERE = Path(__file__).parent
NUMBER = "4829130577"
TONE = array("h", [int(9_000 * math.sin(2 * math.pi * 440 * sample / 48_000)) for sample in range(PIECE)])
BRIGHT = 190


def hashed(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()


class Codec264:
    """What a room codec sends and shows: PCMU and H264 on two UDP ports, as its description says."""

    def __init__(self, picture: int = 97) -> None:
        self.sound, self.video = self._socket(), self._socket()
        self.voice, self.picture = Outgoing(7, 0), Outgoing(8, picture)
        self.mouth, self.ear = Mouth("PCMU"), Ear("PCMU")
        self.brush, self.frames, self.eye = Brush("H264", 180, 300), H264Frames(), Eye()
        self.to: tuple[int, int] | None = None
        self.loudest = 127
        self.seen: tuple[int, int, int] | None = None
        self.asked = 0
        self.sending = asyncio.ensure_future(self._send())

    @staticmethod
    def _socket() -> socket.socket:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.bind((HOST, 0))
        opened.setblocking(False)
        return opened

    @property
    def ports(self) -> tuple[int, int]:
        return self.sound.getsockname()[1], self.video.getsockname()[1]

    async def _send(self) -> None:
        number = 0
        while True:
            await asyncio.sleep(0.02)
            self._receive()
            if self.to is None:
                continue
            for payload in self.mouth.say(TONE):
                self.sound.sendto(self.voice.packet(payload, self.voice.timestamp + 160, 0), (HOST, self.to[0]))
            number += 1
            if number % 4 == 0:
                # Whoever comes late shall not wait: this codec heeds nobody's wish for a fresh picture.
                self.brush.wants_key = number % 20 == 0
                self._show()

    def _show(self) -> None:
        shown = av.VideoFrame(320, 180, "yuv420p")
        for plane, value in zip(shown.planes, (BRIGHT, 128, 128), strict=True):
            plane.update(bytes((value,)) * plane.buffer_size)
        assert self.to is not None
        payloads = self.brush.paint(shown, time.monotonic() * 1000)
        for index, payload in enumerate(payloads):
            marker = 128 if index == len(payloads) - 1 else 0
            packet = self.picture.packet(payload, int(time.monotonic() * VIDEO_RATE), marker)
            self.video.sendto(packet, (HOST, self.to[1]))

    def _receive(self) -> None:
        for packet in self._arrived(self.sound):
            self.loudest = min([self.loudest, *(level(piece) for piece in self.ear.hear(packet.payload))])
        for packet in self._arrived(self.video):
            frame = self.frames.take(packet)
            picture = self.eye.see(Codec.H264, frame) if frame is not None else None
            if picture is not None:
                plane = picture.planes[0]
                self.seen = (picture.width, picture.height, bytes(plane)[5 * plane.line_size + 5])

    @staticmethod
    def _arrived(opened: socket.socket) -> list[Packet]:
        found: list[Packet] = []
        while True:
            try:
                data = opened.recv(2048)
            except BlockingIOError:
                return found
            header = parse(data, len(data))
            payload = data[header.start : header.end]
            found.append(Packet(header.sequence, header.timestamp, header.marker, payload, False, 0))

    def close(self) -> None:
        self.sending.cancel()
        self.sound.close()
        self.video.close()


class Exchange:
    """The switchboard and its web side, beside a running media process."""

    def __init__(self, house: House, folder: Path, sipp: Path, **more: object) -> None:
        self.house = house
        self.program = str(sipp)
        self.folder = folder
        self.settings = SipSettings.model_validate(
            {
                "enabled": True, "host": HOST, "port": free_port(), "folder": folder / "janus",
                "control_socket": folder / "sip.sock", "ports": "21000-21199", "inner_ports": "21200-21399",
                "height": 180, "kbps": 300, **more,
            }
        )  # fmt: skip
        self.observed: list[Observation] = []
        self.calls = Calls(self.settings.control_socket, self.observed.append)
        self.tasks: list[asyncio.Task[None]] = []
        self.sipps: list[asyncio.subprocess.Process] = []
        self.codec = Codec264()

    async def start(self, readiness: str = "ready") -> None:
        self.tasks = [
            asyncio.create_task(process.run(self.settings, self.house.settings)),
            asyncio.create_task(self.calls.run()),
        ]
        async with asyncio.timeout(60):
            while self.calls.standing.readiness != readiness:
                await asyncio.sleep(0.02)

    def want(self, *lines: Line) -> None:
        self.calls.want(Wanted("k", lines))

    def line(self, call: str = "", numbers: tuple[str, ...] = (NUMBER,)) -> Line:
        return Line("codec", Grants(audio=True, video=True), call, tuple(map(hashed, numbers)))

    async def sipp(self, scenario: str, *more: str) -> asyncio.subprocess.Process:
        """One call by sipp, which speaks for the codec; it ends when a file `hang-up` is there, or the call does."""
        sound, video = self.codec.ports
        words = ["-sf", str(HERE / scenario), "-i", HOST, "-m", "1", "-nostdin", "-trace_err", "-trace_logs"]
        keys = ["-key", "sound", str(sound), "-key", "video", str(video), "-log_file", str(self.folder / "log")]
        found = await asyncio.create_subprocess_exec(
            "sipp", *words, *keys, "-error_file", str(self.folder / "errors"), *more,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, cwd=self.folder,
        )  # fmt: skip
        self.sipps.append(found)
        return found

    def find_ports(self) -> bool:
        """Where Janus takes sound and pictures, as sipp wrote it down; then the codec sends."""
        log = self.folder / "log"
        lines = log.read_text().split() if log.is_file() else []
        if len(lines) >= 2:
            self.codec.to = (int(lines[0]), int(lines[1]))
        return len(lines) >= 2

    def janus_pid(self) -> int:
        """The process that runs now with our configuration; 0 without one."""
        return self._pid(f"-F\0{self.folder}/janus".encode())

    def locks(self) -> set[str]:
        """What holds the gateway of the one call there is."""
        status = Path(f"/proc/{self._pid(b'server.media.sip.gateway')}/status").read_text()
        return {line.replace("\t", " ") for line in status.splitlines() if line.startswith(("NoNewPrivs", "Seccomp:"))}

    @staticmethod
    def _pid(ours: bytes) -> int:
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if ours in entry.read_bytes():
                    return int(entry.parent.name)
        return 0

    def stages(self) -> list[str]:
        return [one.stage for one in self.observed if isinstance(one, Call)]

    def why(self) -> str:
        return next((one.why for one in reversed(self.observed) if isinstance(one, Call)), "")

    async def close(self) -> None:
        self.codec.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for one in self.sipps:
            if one.returncode is None:
                one.kill()
            await one.wait()


@pytest.fixture
async def exchange(house: House, tmp_path: Path, sipp_path: Path, janus_path: Path) -> AsyncIterator[Exchange]:
    """A switchboard that is ready."""
    made = Exchange(house, tmp_path, sipp_path, janus=str(janus_path))
    await made.start()
    yield made
    await made.close()
