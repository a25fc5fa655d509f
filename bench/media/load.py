"""One run: scripted sites send, receivers count and time, and the server's CPU is read before and after."""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from bench.media.client import HOST, Peer, Peers, build, vp8
from server.media import rtcp
from server.media.feedback import Arrivals

SETTLE_S = 1.5
TIMED_RECEIVERS = 4
JOINING = 5
COMING = 4
REPORT_S = 0.1
VOICES = 3
"""The stage's sound and the two loudest others: here the first three sites."""


Joined = TypeVar("Joined")


class Server(Protocol):
    """What is measured."""

    @property
    def pid(self) -> int: ...
    async def start(self, publishers: int, receivers: int) -> None: ...
    async def publish(self, peer: Peer, site: int) -> None: ...
    async def receive(self, peer: Peer, site: int, videos: int) -> None: ...
    async def stop(self) -> None: ...


class Case(NamedTuple):
    """So many senders and receivers; video in bursts of `burst` packets of `size` octets, `frames` a second.

    Everybody sees the first `videos` others (0: all of them) and hears the first three. `thumbnail` is (burst, size) of
    all but the first site, where theirs differ; of the sites that are connected only `speaking` send (0: all of them).
    Of `processes` the first is home, the others become its edges as they are needed.
    """

    name: str
    publishers: int
    receivers: int
    burst: int
    size: int = 1_150
    frames: int = 30
    seconds: float = 5.0
    videos: int = 0
    thumbnail: tuple[int, int] | None = None
    speaking: int = 0
    processes: int = 1

    @property
    def seen(self) -> int:
        """How many pictures a receiver shows."""
        return self.videos or max(1, self.publishers - 1)

    @property
    def sending(self) -> int:
        return self.speaking or self.publishers

    def site(self, receiver: int) -> int:
        """Which site this receiver is: of a fan-out, none that sends."""
        return receiver if self.publishers > 1 else receiver + 1


class Result(NamedTuple):
    """CPU in µs of user and system time per delivered packet; latency in ms; the rest as it says.

    `joins_per_s` counts receivers from the first offer to the last handshake, a few at a time; `participant_kb` is how
    much the server's resident memory has grown, by sender and receiver.
    """

    cpu_us: float
    cores: float
    p50_ms: float
    p99_ms: float
    delivered: float
    packets_per_s: float
    joins_per_s: float = 0.0
    participant_kb: float = 0.0


def resident_kb(pid: int) -> int:
    """Resident memory of a process and everything it started, in kB."""
    pages = [int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in _tree(pid)]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") // 1024


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and everything it started."""
    ticks = 0
    for one in _tree(pid):
        words = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(words[11]) + int(words[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _tree(int(child))


class Sender:
    """One site: bursts of video and 50 packets of sound a second, each stamped with its time."""

    def __init__(self, peer: Peer, case: Case, site: int) -> None:
        self.peer, self.case = peer, case
        base = 1_000 * (site + 1)
        peer.ssrcs = (base, base + 1, base + 2)
        self.picture = self.sound = self.wide = self.sent = 0
        self.burst, size = case.thumbnail if case.thumbnail and site else (case.burst, case.size)
        self.filling = os.urandom(size - 10)
        self.level = bytes((min(20 + 5 * site, 127),))
        self.wanted = True
        peer.on_rtcp = self._heed

    def _heed(self, data: bytes) -> None:
        self.wanted |= any(isinstance(one, rtcp.KeyFrameRequest) for one in rtcp.parse(data))

    def frame(self, number: int) -> None:
        case, key, self.wanted = self.case, self.wanted, False
        for index in range(self.burst):
            self.picture += 1
            # Sizes differ a little, as a browser's do from frame to frame.
            payload = vp8(key, index == 0, time.time_ns().to_bytes(8) + self.filling[number % 7 :])
            marker = 128 if index == self.burst - 1 else 0
            self._send((96, marker, self.picture, number * 90_000 // case.frames, self.peer.ssrcs[1]), b"1", payload)

    def voice(self) -> None:
        self.sound += 1
        payload = time.time_ns().to_bytes(8) + self.filling[:150]
        self._send((111, 0, self.sound, self.sound * 960, self.peer.ssrcs[0]), b"0", payload)

    def _send(self, header: tuple[int, int, int, int, int], mid: bytes, payload: bytes) -> None:
        self.wide = (self.wide + 1) & 0xFFFF
        elements = {4: mid, 3: self.wide.to_bytes(2)}
        if mid == b"0":
            elements[1] = self.level
        self.peer.send_rtp(build(header, elements, payload))
        self.sent += 1


class Reports:
    """What a browser tells the sender: transport-wide feedback ten times a second, receiver reports once."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.arrivals = Arrivals()
        peer.on_header = self.arrived

    def arrived(self, header: memoryview) -> None:
        position = 16
        end = position + 4 * (header[14] << 8 | header[15]) if header[0] & 0x10 else 0
        while position < end:
            # Servers order their elements as they like; all are given the same numbers for the same meaning.
            if header[position] == 0x31:
                self.arrivals.arrived(header[position + 1] << 8 | header[position + 2], time.monotonic_ns() // 1_000)
                return
            position += 2 + (header[position] & 15) if header[position] else 1

    def send(self, count: int) -> None:
        for report in self.arrivals.reports(1, 1):
            self.peer.send_rtcp(report)
        if count % 10 == 0:
            self.peer.send_rtcp(rtcp.receiver_report(1, []))


async def run(server: Server, case: Case) -> Result:
    """Start, join, settle, measure, stop."""
    peers, task = Peers(HOST), None
    await server.start(case.publishers, case.receivers)
    try:
        empty = resident_kb(server.pid)
        senders = await _by_groups(case.publishers, lambda site: _publish(server, peers, case, site))
        task = asyncio.create_task(_send(senders[: case.sending], case))
        await asyncio.sleep(0.5)
        began = time.monotonic()
        receivers = await _by_groups(case.receivers, lambda index: _join(server, peers, case, index))
        took = time.monotonic() - began
        result = await _measure(server, senders, receivers, case)
        grown = (resident_kb(server.pid) - empty) / (case.publishers + case.receivers)
        return result._replace(joins_per_s=case.receivers / took, participant_kb=grown)
    finally:
        if task is not None:
            task.cancel()
        await peers.close()
        await server.stop()


async def _by_groups(count: int, come: Callable[[int], Awaitable[Joined]]) -> list[Joined]:
    """A few at a time: Janus answers the first flight of many only after its repetition, or not at all."""
    joined: list[Joined] = []
    for start in range(0, count, JOINING):
        joined += await asyncio.gather(*(come(index) for index in range(start, min(start + JOINING, count))))
    return joined


async def _publish(server: Server, peers: Peers, case: Case, site: int) -> Sender:
    async def begin(peer: Peer) -> Sender:
        sender = Sender(peer, case, site)
        await server.publish(peer, site)
        return sender

    return await _come(peers, False, begin)


async def _join(server: Server, peers: Peers, case: Case, index: int) -> Peer:
    async def begin(peer: Peer) -> Peer:
        await server.receive(peer, case.site(index), case.seen)
        return peer

    return await _come(peers, index < TIMED_RECEIVERS, begin)


async def _come(peers: Peers, timed: bool, begin: Callable[[Peer], Awaitable[Joined]]) -> Joined:
    """Whoever is lost on the way in comes again, as a browser would: Janus now and then loses one."""
    for _ in range(COMING):
        peer = peers.add(timed)
        try:
            return await begin(peer)
        except (TimeoutError, ConnectionError):
            await peers.remove(peer)
    raise TimeoutError("a peer could not join")


async def _send(senders: list[Sender], case: Case) -> None:
    """Keeps the pace by the clock; a late frame follows at once."""
    start, frame, voice = time.monotonic(), 0, 0
    step = max(len(senders), 1)
    while True:
        passed = time.monotonic() - start
        while frame / step / case.frames < passed:
            senders[frame % step].frame(frame // step)
            frame += 1
        while voice / step / 50 < passed:
            senders[voice % step].voice()
            voice += 1
        await asyncio.sleep(0.002)


async def _measure(server: Server, senders: list[Sender], receivers: list[Peer], case: Case) -> Result:
    latencies: list[float] = []
    for peer in receivers[:TIMED_RECEIVERS]:
        peer.on_rtp = lambda data, at: latencies.append(_latency(data, at))
    reports = [Reports(peer) for peer in receivers]
    telling = asyncio.create_task(_report(reports))
    await asyncio.sleep(SETTLE_S)
    gc.collect()
    latencies.clear()
    before = (cpu_seconds(server.pid), [one.packets for one in receivers], [one.picture for one in senders])
    sound = [one.sound for one in senders]
    start = time.monotonic()
    await asyncio.sleep(case.seconds)
    elapsed, cpu = time.monotonic() - start, cpu_seconds(server.pid) - before[0]
    packets = sum(one.packets for one in receivers) - sum(before[1])
    pictures = [one.picture - old for one, old in zip(senders, before[2], strict=True)]
    sounds = [one.sound - old for one, old in zip(senders, sound, strict=True)]
    telling.cancel()
    expected = _expected(pictures, sounds, case)
    cuts = statistics.quantiles(latencies, n=100) if len(latencies) > 100 else [0.0] * 99
    return Result(cpu * 1e6 / max(packets, 1), cpu / elapsed, cuts[49], cuts[98], packets / expected, packets / elapsed)


def _expected(pictures: list[int], sounds: list[int], case: Case) -> float:
    """Packets that should arrive at all receivers together."""
    total = 0
    for receiver in range(case.receivers):
        own = case.site(receiver)
        total += sum([one for site, one in enumerate(pictures) if site != own][: case.seen])
        total += sum(one for site, one in enumerate(sounds[:VOICES]) if site != own)
    return total


async def _report(reports: list[Reports]) -> None:
    count = 0
    while True:
        for index, one in enumerate(reports):
            if index % 5 == count % 5:
                one.send(count // 5)
        count += 1
        await asyncio.sleep(REPORT_S / 5)


def _latency(data: bytes, at_ns: int) -> float:
    start = 12 + 4 * (data[0] & 15)
    if data[0] & 0x10:
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    start += 2 if data[1] & 0x7F != 111 else 0
    return (at_ns - int.from_bytes(data[start : start + 8])) / 1e6
