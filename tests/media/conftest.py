"""A real media process on loopback, the web side of its control API, and lean peers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from bench.media.client import Peer, Peers, build, h264, offer_down, offer_up, vp8
from server.config import MediaSettings
from server.media import process
from server.media.conference import Desired, Endpoint, Grants
from server.media.control import Observation
from server.media.placing import FULL
from server.media.service import Conferences
from tests.media.coturn import Doors, on_loopback

ALL = Grants(True, True, True)
CODED = {"VP8": (96, vp8), "H264": (102, h264)}
"""The payload type of each coding, and what its pictures look like."""


class Site:
    """A scripted sender: its own numbers, one camera or three layers, one microphone."""

    def __init__(self, peer: Peer, rids: Sequence[str] = ()) -> None:
        self.peer = peer
        self.rids = rids
        self.ssrcs = {rid: 100 + index for index, rid in enumerate(rids or ("",))}
        self.number = dict.fromkeys(self.ssrcs, 65_500)
        self.sound = self.frame = 0
        self.keys: list[int] = []
        self.codec = "VP8"
        peer.on_rtcp = self._rtcp

    def _rtcp(self, data: bytes) -> None:
        position = 0
        while position < len(data):
            size = 4 + 4 * int.from_bytes(data[position + 2 : position + 4])
            if data[position + 1] == 206 and data[position] & 31 == 1:
                self.keys.append(int.from_bytes(data[position + 8 : position + 12]))
            position += size

    def picture(self, key: bool, text: bytes, packets: int = 3, skip: Sequence[int] = ()) -> None:
        """One frame on each layer; its text says whose it is."""
        self.frame += 1
        kind, form = CODED[self.codec]
        for rid, ssrc in self.ssrcs.items():
            for index in range(packets):
                self.number[rid] += 1
                if index in skip:
                    continue
                filling = bytes({"l": 60, "m": 400, "h": 1_100}.get(rid, 0))
                payload = form(key, index == 0, text + rid.encode() + bytes((index,)) + filling)
                elements = {4: b"1"} | ({10: rid.encode()} if rid else {})
                marker = 128 if index == packets - 1 else 0
                self.peer.send_rtp(build((kind, marker, self.number[rid], self.frame * 3_000, ssrc), elements, payload))

    def voice(self, text: bytes, level: int = 30) -> None:
        """Twenty milliseconds of sound."""
        self.sound += 1
        elements = {4: b"0", 1: bytes((level,))}
        self.peer.send_rtp(build((111, 0, self.sound, self.sound * 960, 99), elements, text))


class Screen:
    """What a receiver got, by the SSRC of each slot."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.packets: list[bytes] = []
        self.repeated: list[bytes] = []
        peer.on_rtp = self._rtp

    def _rtp(self, data: bytes, _: int) -> None:
        (self.repeated if data[1] & 0x7F in (97, 103) else self.packets).append(data)

    def payloads(self) -> list[bytes]:
        return [one[16 + 4 * int.from_bytes(one[14:16]) :] for one in self.packets]

    def sequences(self, kind: int = 96) -> list[int]:
        return [int.from_bytes(one[2:4]) for one in self.packets if one[1] & 0x7F == kind]

    def saw(self, text: bytes) -> bool:
        return any(text in one for one in self.payloads())

    def clear(self) -> None:
        self.packets.clear()
        self.repeated.clear()


class House:
    """The media process and its control connection."""

    def __init__(self, settings: MediaSettings, full: int = FULL) -> None:
        self.settings = settings
        self.observed: list[Observation] = []
        self.web = Conferences(settings.sockets(), self.observed.append, full=full)
        self.peers = Peers()
        self.state = Desired("k", 1, 0)
        self.tasks: list[asyncio.Task[None]] = []
        self.media: dict[int, asyncio.Task[None]] = {}

    async def start_media(self, *numbers: int) -> None:
        """These processes, or all of them."""
        for number in numbers or range(1, self.settings.processes + 1):
            ready = asyncio.Event()
            self.media[number] = asyncio.create_task(process.run(self.settings.nth(number), ready=ready))
            await ready.wait()

    async def stop_media(self, *numbers: int) -> None:
        """The same."""
        for number in numbers or tuple(self.media):
            task = self.media.pop(number)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def start(self) -> None:
        await self.start_media()
        self.tasks.append(asyncio.create_task(self.web.run()))
        await until(lambda: all(one.peer for one in self.web.processes))

    async def close(self) -> None:
        await self.peers.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.stop_media()

    def desire(self, **changes: object) -> None:
        self.state = msgspec.structs.replace(self.state, number=self.state.number + 1, **changes)
        self.web.desire(self.state)

    def admit(self, *names: str, stage: str | None = None, **grants: Grants) -> None:
        self.desire(endpoints=tuple(Endpoint(one, grants.get(one, ALL)) for one in names), stage=stage, floor=stage)

    async def publish(self, name: str, rids: tuple[str, ...] = ()) -> Site:
        peer = self.peers.add()
        answer = await self.web.open(
            "k", name, ("up", "camera"), ALL, offer_up(peer, () if rids else (99, 100, 101), rids)
        )
        peer.session = answer.session
        await peer.connect(answer.body)
        return Site(peer, rids)

    async def watch(self, name: str, videos: int = 2, only: str = "") -> Screen:
        """A receiver; of the codings of pictures it takes the one that is named alone."""
        peer = self.peers.add(timed=True)
        offer = offer_down(peer, videos)
        for other in CODED if only else ():
            offer = offer if other == only else offer.replace(f"{other}/90000", "AV1/90000")
        answer = await self.web.open("k", name, ("down", "camera"), ALL, offer)
        peer.session = answer.session
        await peer.connect(answer.body)
        return Screen(peer)

    def of(self, kind: type[Observation]) -> list[Observation]:
        return [one for one in self.observed if isinstance(one, kind)]


async def until(condition: Callable[[], object], act: Callable[[], object] = lambda: None, limit_s: float = 60) -> None:
    """Act every 20 ms until the condition holds; an assertion error when it never does."""
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        act()
        await asyncio.sleep(0.02)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A running media process with an empty conference `k`."""
    running = House(MediaSettings(control_socket=tmp_path / "m.sock", host="127.0.0.1", port=0))
    await running.start()
    yield running
    await running.close()


@pytest.fixture
async def relay(turnserver_path: Path, tmp_path: Path) -> AsyncIterator[Doors]:
    """A running coturn on loopback, as it is delivered."""
    async with on_loopback(turnserver_path, tmp_path) as doors:
        yield doors
