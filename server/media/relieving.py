"""Receivers leave a process that has had too much to do for long: told to come again, they find another place."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

from server.clock import Millis
from server.errors import Problem
from server.media.caller import MediaProcess
from server.media.conference import RECORDER, is_link, owner
from server.media.placing import Relief, Standing, chosen

EVERY_S = 1.0

Reconnect = Callable[[str, str], Awaitable[None]]
"""Ends a session of an endpoint as if its line were lost."""


def movable(processes: Iterable[MediaProcess]) -> dict[str, dict[str, str]]:
    """Process → session → endpoint of those who only watch and listen in a browser, which comes again by itself.

    Whoever sends stays: they may be speaking. So does a player or a wall, which may not come again.
    """
    there = [(process.peer.name, one) for process in processes if process.peer for one in process.joined.values()]
    sending = {(one.conference, one.endpoint) for _, one in there if one.direction == "up"}
    found: dict[str, dict[str, str]] = {}
    for name, one in there:
        plain = owner(one.endpoint) == one.endpoint != RECORDER and not is_link(one.endpoint)
        if plain and one.direction == "down" and (one.conference, one.endpoint) not in sending:
            found.setdefault(name, {})[one.session] = one.endpoint
    return found


class Relieving:
    """Looks at the loads again and again, and has receivers moved."""

    def __init__(self, processes: Sequence[MediaProcess], reconnect: Reconnect, full: int) -> None:
        self.processes = processes
        self.reconnect = reconnect
        self.relief = Relief(full)

    async def run(self, standings: Callable[[], Sequence[Standing]]) -> None:
        """Until cancelled; `standings` says how busy each process is now."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.look(standings(), time.monotonic_ns() // 1_000_000)

    async def look(self, standings: Sequence[Standing], now: Millis) -> None:
        """Look once."""
        wanted = self.relief.look(standings, now)
        for name, count in wanted.items():
            sessions = movable(self.processes).get(name, {})
            leaving = chosen(sessions, count)
            self.relief.moved(len(leaving), now)
            for session in leaving:
                with contextlib.suppress(Problem):  # another web process may have been quicker
                    await self.reconnect(session, sessions[session])
