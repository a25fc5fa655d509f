"""`python -m bench.media.soak`: 31 sites for an hour, with another speaker every ten seconds; memory must stay flat.

Everybody sends camera and microphone and receives nine pictures and three sounds; every twenty seconds one site leaves
and comes back. Part of `make soak`. Nothing is kept: memory is printed at the start, every five minutes and at the end,
and the exit status says whether it stayed flat and nobody was without sound and picture.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import signal
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import NamedTuple, TypeVar

import msgspec

from bench.media import load
from bench.media.cases import Case
from bench.media.client import HOST, Peer
from bench.media.load import Crowd, Reports, Sender
from bench.media.ours import Ours

SITES = 31
# All packets of one size, so that what is kept for repetition is full after 34 s, whoever is on stage.
CASE = Case("soak", "31 sites for an hour", SITES, SITES, size=1_100, videos=9, thumbnail=(1, 1_100))
LOOK_S = 2.0
TURN_LOOKS, LEAVE_LOOKS = 5, 10
PRINT_MIN = 5.0
WARM_MIN = 1.5
"""Until then caches fill: 1,024 packets of each camera, pages that Python and the kernel keep."""
FLAT_KB, FLAT_SHARE = 2_048, 0.02


Joined = TypeVar("Joined")


class Sample(NamedTuple):
    """Memory in kB, CPU in seconds and delivered packets, so many minutes after everybody had joined."""

    minute: float
    kb: int
    cpu: float
    packets: int


class Grown(NamedTuple):
    """Mean memory in kB of the first and of the last quarter of what is judged."""

    before: float
    after: float

    @property
    def is_flat(self) -> bool:
        """Whether it has grown by no more than 2 MB or a fiftieth: what pages freed and taken again may leave."""
        return self.after - self.before <= max(FLAT_KB, FLAT_SHARE * self.before)


def grown(samples: list[Sample]) -> Grown:
    """From when caches are full to the end; of a run that is no longer than that, its second half."""
    warm = min(WARM_MIN, samples[-1].minute / 2)
    judged = [one.kb for one in samples if one.minute >= warm]
    quarter = max(1, len(judged) // 4)
    return Grown(statistics.mean(judged[:quarter]), statistics.mean(judged[-quarter:]))


class Province:
    """All sites, as long as it lasts."""

    def __init__(self, server: Ours, case: Case) -> None:
        self.server, self.case = server, case
        self.crowd = Crowd(HOST)
        self.senders: list[Sender] = []
        self.receivers: list[Peer] = []
        self.reports: list[Reports] = []
        self.seen: list[int] = []
        self.without: list[str] = []
        """Who got nothing for a whole look, and when."""
        self.delivered = self.empty_kb = 0
        self.began = 0.0
        self.away = -1

    async def open(self, stack: AsyncExitStack) -> None:
        """Everybody joins."""
        stack.push_async_callback(self.server.stop)
        stack.push_async_callback(self.crowd.close)
        await self.server.start(SITES, SITES)
        case, server = self.case, self.server
        self.empty_kb = load.resident_kb(server.pid)
        self.senders = await load.by_groups(SITES, lambda site: load.publish(server, self.crowd, case, site))
        self.receivers = await load.by_groups(SITES, lambda site: load.join(server, self.crowd, case, site))
        self.reports = [Reports(one) for one in self.receivers]
        self.seen = [0] * SITES
        for work in (load.send(self.senders, case), load.report(self.reports)):
            stack.callback(asyncio.create_task(work).cancel)
        await asyncio.sleep(LOOK_S)
        self.began = time.monotonic()

    def turn(self, site: int) -> None:
        """Another one speaks: its picture becomes large."""
        state = self.server.web.states["bench"]
        name = str(site)
        self.server.web.desire(msgspec.structs.replace(state, number=state.number + 1, stage=name, floor=name))
        for index, sender in enumerate(self.senders):
            sender.burst = self.case.burst if index == site else 1

    async def leave_and_return(self, site: int) -> None:
        """One site switches its equipment off and on again."""
        self.away = site
        for peer in (self.senders[site].peer, self.receivers[site]):
            await self.crowd.remove(peer)
        burst = self.senders[site].burst
        sender = await _at_last(lambda: load.publish(self.server, self.crowd, self.case, site))
        receiver = await _at_last(lambda: load.join(self.server, self.crowd, self.case, site))
        sender.burst = burst
        self.senders[site], self.receivers[site], self.reports[site] = sender, receiver, Reports(receiver)
        self.seen[site] = 0

    def look(self) -> Sample:
        """Memory now; whoever got nothing since the last look is noted, but not who has just come back."""
        minute = (time.monotonic() - self.began) / 60
        for site, peer in enumerate(self.receivers):
            if peer.packets == self.seen[site] and site != self.away:
                self.without.append(f"site {site}, minute {minute:.1f}")
            self.delivered += peer.packets - self.seen[site]
            self.seen[site] = peer.packets
        self.away = -1
        return Sample(minute, load.resident_kb(self.server.pid), load.cpu_seconds(self.server.pid), self.delivered)


async def _at_last(come: Callable[[], Awaitable[Joined]]) -> Joined:
    """However often it takes: on a machine that is busy with something else somebody may come late."""
    while True:
        try:
            return await come()
        except TimeoutError as error:
            print(f"  {error}, once more")


def said(now: Sample, before: Sample | None, empty_kb: int) -> str:
    """One line for people: memory in all and by site, and what the time since the last line was like."""
    words = f"minute {now.minute:5.1f}: {now.kb / 1024:7.1f} MB, {(now.kb - empty_kb) / SITES:6.0f} kB a site"
    if before is None:
        return words
    seconds = 60 * (now.minute - before.minute)
    cores, rate = (now.cpu - before.cpu) / seconds, (now.packets - before.packets) / seconds
    return f"{words}, {cores:.2f} core, {rate:,.0f} packets/s"


async def soak(minutes: float, rate: float) -> bool:
    """The whole run; whether all is well."""
    async with AsyncExitStack() as stack:
        province = Province(Ours(), CASE._replace(rate=rate))
        await province.open(stack)
        every = min(PRINT_MIN, minutes / 3)
        samples: list[Sample] = [province.look()]
        printed = samples[0]
        print(said(printed, None, province.empty_kb), flush=True)
        for number in itertools.count(1):
            await asyncio.sleep(LOOK_S)
            samples.append(province.look())
            if samples[-1].minute >= minutes:
                break
            if samples[-1].minute >= printed.minute + every:
                print(said(samples[-1], printed, province.empty_kb), flush=True)
                printed = samples[-1]
            if number % TURN_LOOKS == 0:
                province.turn(number // TURN_LOOKS * 7 % SITES)
            if number % LEAVE_LOOKS == 0:
                await province.leave_and_return(number // LEAVE_LOOKS * 5 % SITES)
        print(said(samples[-1], printed, province.empty_kb), flush=True)
    return judged(samples, province.without)


def judged(samples: list[Sample], without: list[str]) -> bool:
    """Says what is to be said of the whole run; true when memory is flat and nobody was left out."""
    found = grown(samples)
    verdict = "flat" if found.is_flat else "NOT FLAT"
    print(f"memory of the first and last quarter: {found.before / 1024:.1f}, {found.after / 1024:.1f} MB: {verdict}")
    print(f"without anything for {LOOK_S:g} s: {', '.join(without) or 'nobody'}")
    return found.is_flat and not without


def main() -> None:
    """Runs for as long as is asked for."""
    asked = argparse.ArgumentParser(prog="python -m bench.media.soak", description=__doc__.splitlines()[0])
    asked.add_argument("--minutes", type=float, default=60.0)
    asked.add_argument("--rate", type=float, default=1.0, help="everything is sent at this share of its pace")
    wanted = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server it has begun ends with it
    sys.exit(not asyncio.run(soak(wanted.minutes, wanted.rate)))


if __name__ == "__main__":
    main()
