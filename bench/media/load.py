"""One run: scripted sites send, receivers count and time, and the server's CPU is read before and after."""

from __future__ import annotations

import asyncio
import gc
import os
import select
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from bench.media.cases import Case
from bench.media.client import HOST, POLL_S, Peer, Peers, build, vp8
from server.media import rtcp
from server.media.feedback import Arrivals

SETTLE_S = 1.5
TIMED_RECEIVERS = 4
"""So many, evenly among all of them: the first ones are served first."""
JOINING = 5
COMING = 2
COME_S = 3.0
"""Whoever has not joined by then is lost: where nothing is lost it takes a tenth of a second."""
REPORT_S = 0.1

Joined = TypeVar("Joined")


class Server(Protocol):
    """What is measured."""

    @property
    def pid(self) -> int: ...
    async def start(self, publishers: int, receivers: int) -> None: ...
    async def publish(self, peer: Peer, site: int) -> None: ...
    async def receive(self, peer: Peer, site: int, videos: int) -> None: ...
    async def stop(self) -> None: ...


class Result(NamedTuple):
    """CPU in µs of user and system time per delivered packet; latency in ms; the rest as it says.

    `joins_per_s` counts receivers from the first offer to the last handshake, a few at a time; `participant_kb` is how
    much the server's resident memory has grown, by site; `tool_cores` is what sending and receiving all this costs on
    our side: near 1 that would be what is measured.
    """

    cpu_us: float
    cores: float
    p50_ms: float
    p99_ms: float
    delivered: float
    packets_per_s: float
    tool_cores: float
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
            timestamp = int(number * 90_000 / case.frames_a_second)
            self._send((96, marker, self.picture, timestamp, self.peer.ssrcs[1]), b"1", payload)

    def voice(self) -> None:
        self.sound += 1
        payload = time.time_ns().to_bytes(8) + self.filling[:150]
        timestamp = int(self.sound * 48_000 / self.case.voices_a_second)
        self._send((111, 0, self.sound, timestamp, self.peer.ssrcs[0]), b"0", payload)

    def _send(self, header: tuple[int, int, int, int, int], mid: bytes, payload: bytes) -> None:
        self.wide = (self.wide + 1) & 0xFFFF
        elements = {4: mid, 3: self.wide.to_bytes(2)}
        if mid == b"0":
            elements[1] = self.level
        self.peer.send_rtp(build(header, elements, payload))
        self.sent += 1


class Crowd(Peers):
    """Looks only at the sockets at which something has arrived: six hundred are too many to ask each of them."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.ready = select.epoll()
        self.at: dict[int, Peer] = {}

    def add(self, timed: bool = False) -> Peer:
        peer = super().add(timed)
        # A number that is used again is the newest socket's; a closed socket has left by itself.
        self.at[peer.socket.fileno()] = peer
        self.ready.register(peer.socket, select.EPOLLIN)
        return peer

    async def _read(self) -> None:
        while True:
            for number, _ in self.ready.poll(0):
                self.at[number].drain()
            await asyncio.sleep(POLL_S)

    async def close(self) -> None:
        await super().close()
        self.ready.close()


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
    peers, task = Crowd(HOST), None
    await server.start(case.publishers, case.people - 1)
    try:
        empty = resident_kb(server.pid)
        senders = await by_groups(case.publishers, lambda site: publish(server, peers, case, site))
        task = asyncio.create_task(send(senders, case))
        await asyncio.sleep(0.5)
        began = time.monotonic()
        receivers = await by_groups(case.receivers, lambda index: join(server, peers, case, index))
        took = time.monotonic() - began
        result = await _measure(server, senders, receivers, case)
        grown = (resident_kb(server.pid) - empty) / case.people
        return result._replace(joins_per_s=case.receivers / took, participant_kb=grown)
    finally:
        if task is not None:
            task.cancel()
        await peers.close()
        await server.stop()


async def by_groups(number: int, come: Callable[[int], Awaitable[Joined]]) -> list[Joined]:
    """A few at a time: Janus answers the first flight of many only after its repetition, or not at all."""
    joined: list[Joined] = []
    for start in range(0, number, JOINING):
        joined += await asyncio.gather(*(come(index) for index in range(start, min(start + JOINING, number))))
    return joined


async def publish(server: Server, peers: Peers, case: Case, site: int) -> Sender:
    """One site that sends."""

    async def begin(peer: Peer) -> Sender:
        sender = Sender(peer, case, site)
        await server.publish(peer, site)
        return sender

    return await _come(peers, False, begin)


async def join(server: Server, peers: Peers, case: Case, index: int) -> Peer:
    """One receiver."""

    async def begin(peer: Peer) -> Peer:
        await server.receive(peer, case.site(index), case.seen)
        return peer

    return await _come(peers, is_timed(case, index), begin)


async def _come(peers: Peers, timed: bool, begin: Callable[[Peer], Awaitable[Joined]]) -> Joined:
    """Whoever is lost on the way in comes again, as a browser would: Janus now and then loses one."""
    for _ in range(COMING):
        peer = peers.add(timed)
        try:
            async with asyncio.timeout(COME_S):
                return await begin(peer)
        except (TimeoutError, ConnectionError):
            await peers.remove(peer)
    raise TimeoutError("a peer could not join")


def is_timed(case: Case, index: int) -> bool:
    """Whether this receiver notes when its packets come."""
    return index % max(1, case.receivers // TIMED_RECEIVERS) == 0


async def send(senders: list[Sender], case: Case) -> None:
    """Keeps the pace by the clock; a late frame follows at once."""
    start, frame, voice = time.monotonic(), 0, 0
    cameras, sites = min(case.cameras, len(senders)), len(senders)
    while True:
        passed = time.monotonic() - start
        while frame / cameras / case.frames_a_second < passed:
            senders[frame % cameras].frame(frame // cameras)
            frame += 1
        while voice / sites / case.voices_a_second < passed:
            senders[voice % sites].voice()
            voice += 1
        await asyncio.sleep(0.002)


class Counts(NamedTuple):
    """What has been sent and received, and what it has cost, until one moment."""

    at: float
    cpu: float
    own_cpu: float
    packets: int
    pictures: list[int]
    sounds: list[int]


def count(server: Server, senders: list[Sender], receivers: list[Peer]) -> Counts:
    """The counts now."""
    return Counts(
        time.monotonic(),
        cpu_seconds(server.pid),
        time.process_time(),
        sum(one.packets for one in receivers),
        [one.picture for one in senders],
        [one.sound for one in senders],
    )


async def _measure(server: Server, senders: list[Sender], receivers: list[Peer], case: Case) -> Result:
    latencies: list[float] = []
    for index, peer in enumerate(receivers):
        if is_timed(case, index):
            peer.on_rtp = lambda data, at: latencies.append(_latency(data, at))
    telling = asyncio.create_task(report([Reports(peer) for peer in receivers]))
    await asyncio.sleep(SETTLE_S)
    gc.collect()
    latencies.clear()
    before = count(server, senders, receivers)
    await asyncio.sleep(case.seconds)
    after = count(server, senders, receivers)
    telling.cancel()
    return _result(case, before, after, latencies)


def _result(case: Case, before: Counts, after: Counts, latencies: list[float]) -> Result:
    elapsed, cpu, packets = after.at - before.at, after.cpu - before.cpu, after.packets - before.packets
    pictures = [one - old for one, old in zip(after.pictures, before.pictures, strict=True)]
    sounds = [one - old for one, old in zip(after.sounds, before.sounds, strict=True)]
    cuts = statistics.quantiles(latencies, n=100) if len(latencies) > 100 else [0.0] * 99
    return Result(
        cpu * 1e6 / max(packets, 1),
        cpu / elapsed,
        cuts[49],
        cuts[98],
        packets / case.expected(pictures, sounds),
        packets / elapsed,
        (after.own_cpu - before.own_cpu) / elapsed,
    )


async def report(reports: list[Reports]) -> None:
    """Tell the server what came, all receivers in turn, until cancelled."""
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
