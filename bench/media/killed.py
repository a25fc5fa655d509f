"""`python -m bench.media.killed`: media processes are killed twenty times; how long is anybody without sound?

Three processes under the product's own supervisor carry one conference: one site speaks, three people listen, one at
the home and one at each edge. By turns the home and an edge are killed. Whoever is sent away comes again, as a browser
does. The figures go to `bench/results/killed.json`, beside the aim; part of `make soak`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.media import figures
from bench.media.client import Peer
from server.config import MediaSettings
from server.errors import Problem
from server.media.control import Gone
from server.supervisor import Supervisor
from tests.media.conftest import House, Screen, Site
from tests.media.processes import Processes

RESULTS = "killed.json"
ONE_EACH = 3
"""So little to do fills a process that each takes one listener."""
SPEAKER, LISTENERS = "a", "bcd"
LOOK_S = 0.05
CALM_S = 3.0
"""So long everybody must hear before the next one is killed."""
AIM_MS, LIMIT_S = 5_000, 60.0


class Supervised(Processes):
    """Processes that are started again when they die."""

    async def start_media(self, *numbers: int) -> None:
        os.environ.update(self.environment() | {"HOPSO_LOG__LEVEL": "error"})
        self.supervisor = Supervisor(self.lines(), lambda _: None)
        self.supervising = asyncio.create_task(self.supervisor.run())

    async def stop_media(self, *numbers: int) -> None:
        self.supervisor.stop()
        await self.supervising

    def kill(self, session: str) -> None:
        pid = self.supervisor.pid(self.carrier(session))
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    @property
    def is_whole(self) -> bool:
        """Whether all processes answer."""
        return all(one.is_here for one in self.web.processes)


class Guest:
    """Comes again whenever its session is gone, as a browser does."""

    def __init__(self, house: House, name: str) -> None:
        self.house, self.name = house, name
        self.peer: Peer | None = None
        self.heard: list[float] = [time.monotonic()]

    @property
    def session(self) -> str:
        return self.peer.session if self.peer is not None else ""

    async def come(self) -> Peer:
        """Join once."""
        screen: Screen = await self.house.watch(self.name, videos=1)
        screen.peer.on_rtp = self._hears
        return screen.peer

    def _hears(self, data: bytes, _: int) -> None:
        if data[1] & 0x7F == 111:
            self.heard.append(time.monotonic())

    async def stay(self) -> None:
        """Until cancelled."""
        while True:
            known = len(self.house.observed)
            try:
                self.peer = peer = await self.come()
            except (Problem, ConnectionError, TimeoutError):
                await asyncio.sleep(2 * LOOK_S)
                continue
            while not self._is_gone(peer.session, known):
                await asyncio.sleep(LOOK_S)
            self.peer = None
            await self.house.peers.remove(peer)

    def _is_gone(self, session: str, known: int) -> bool:
        return any(isinstance(one, Gone) and one.session == session for one in self.house.observed[known:])

    def silence_s(self, since: float) -> float:
        """The longest time without sound, from the last that was heard before then until now."""
        last = max(one for one in self.heard if one <= since)
        times = [last, *(one for one in self.heard if one > since), time.monotonic()]
        return max(after - before for before, after in itertools.pairwise(times))


class Speaker(Guest):
    """Speaks whenever there is a line."""

    site: Site | None = None

    async def come(self) -> Peer:
        self.site = await self.house.publish(self.name)
        return self.site.peer

    async def speak(self) -> None:
        """Fifty times a second, until cancelled."""
        start, spoken = time.monotonic(), 0
        while True:
            while spoken < 50 * (time.monotonic() - start):
                spoken += 1
                if self.peer is not None and self.site is not None:
                    self.site.voice(b"%08d" % spoken)
            await asyncio.sleep(0.005)


class Turn(NamedTuple):
    """One killing: whether the home was hit, the longest silence of anybody, and of those with other processes: None
    where there were none, or the home was hit and with it everybody."""

    home: bool
    silence_s: float
    others_s: float | None


class Evening:
    """One conference, whose processes are killed one after the other."""

    def __init__(self, house: Supervised) -> None:
        self.house = house
        self.speaker = Speaker(house, SPEAKER)
        self.listeners = [Guest(house, name) for name in LISTENERS]
        self.tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Everybody comes."""
        self.house.admit(SPEAKER, *LISTENERS, stage=SPEAKER)
        works = [self.speaker.stay(), self.speaker.speak(), *(one.stay() for one in self.listeners)]
        self.tasks = [asyncio.create_task(one) for one in works]

    async def calm(self, began: float) -> None:
        """All processes are back, everybody has a session and has heard for a while; or it takes too long."""
        calm_since = time.monotonic()
        while time.monotonic() - calm_since < CALM_S and time.monotonic() - began < LIMIT_S:
            await asyncio.sleep(LOOK_S)
            now = time.monotonic()
            fine = all(one.session and now - one.heard[-1] < 0.5 for one in self.listeners)
            if not (fine and self.speaker.session and self.house.is_whole):
                calm_since = now

    async def spread(self) -> None:
        """Who listens comes anew, one after the other: then each process has one of them again."""
        for guest in self.listeners:
            before = guest.session
            with contextlib.suppress(Problem):
                await self.house.web.reconnect(before, guest.name)
            while guest.session in ("", before):
                await asyncio.sleep(LOOK_S)

    async def turn(self, hit_home: bool) -> Turn:
        """Kill the home, or an edge where somebody listens, and see what it is like until all is well again."""
        home = self.house.carrier(self.speaker.session)
        edges = [one for one in self.listeners if self.house.carrier(one.session) != home]
        victim = edges[0].session if edges and not hit_home else self.speaker.session
        hit = self.house.carrier(victim)
        others = [one for one in self.listeners if hit != home and self.house.carrier(one.session) != hit]
        at = time.monotonic()
        self.house.kill(victim)
        await self.calm(at)
        silences = {one.name: one.silence_s(at) for one in self.listeners}
        return Turn(hit == home, max(silences.values()), max((silences[one.name] for one in others), default=None))

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def run(kills: int) -> list[Turn]:
    """So many turns."""
    with tempfile.TemporaryDirectory(prefix="hopso-killed-") as folder:
        settings = MediaSettings(control_socket=Path(folder) / "m.sock", host="127.0.0.1", port=0, processes=3)
        house = Supervised(settings, full=ONE_EACH)
        evening, turns = Evening(house), list[Turn]()
        await house.start()
        try:
            evening.begin()
            await evening.calm(time.monotonic())
            for index in range(kills):
                await evening.spread()
                await evening.calm(time.monotonic())
                turns.append(await evening.turn(index % 2 == 0))
                print(said(index + 1, turns[-1]), flush=True)
        finally:
            await evening.end()
            await house.close()
    return turns


def said(number: int, turn: Turn) -> str:
    """One killing, for people."""
    beside = "" if turn.others_s is None else f", with the other processes {turn.others_s * 1000:.0f} ms"
    late = "" if turn.silence_s * 1000 <= AIM_MS else "  TOO LONG"
    return f"{number:3}: {'home' if turn.home else 'edge'} killed, silence {turn.silence_s * 1000:.0f} ms{beside}{late}"


def rows_of(turns: list[Turn]) -> list[figures.Row]:
    """The lines of the results file."""
    silences = [round(1000 * one.silence_s) for one in turns]
    others = [round(1000 * one.others_s) for one in turns if one.others_s is not None]
    return figures.beside_aim(
        f"a media process killed {len(turns)} times",
        {
            ("without sound, median", "ms"): (statistics.median(silences), None),
            ("without sound, at most", "ms"): (max(silences), AIM_MS),
            ("longer than five seconds", "times"): (sum(one > AIM_MS for one in silences), 0),
            ("others without sound, most", "ms"): (max(others, default=None), None),
        },
    )


def main() -> None:
    """Kill as often as is asked for; the exit status says whether everybody heard again in time."""
    asked = argparse.ArgumentParser(prog="python -m bench.media.killed", description=__doc__.splitlines()[0])
    asked.add_argument("--kills", type=int, default=20)
    asked.add_argument("--dry", action="store_true", help="do not write the results file")
    wanted = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the processes it has begun end with it
    turns = asyncio.run(run(wanted.kills))
    rows = rows_of(turns)
    if not wanted.dry:
        figures.keep(RESULTS, rows, [rows[0]["case"]])
    for row in rows:
        print(f"{row['metric']:28} {row['ours']} {row['unit']}")
    sys.exit(any(1000 * one.silence_s > AIM_MS for one in turns))


if __name__ == "__main__":
    main()
