"""One heartbeat for all sockets of the process.

In Engine.IO the server asks "are you there" and the client answers. With a task and timers for each socket this costs
more than all else that a socket at rest does, and those who came together are asked together, in a burst that holds
up a page turn. Here one ticker asks a fiftieth of all every 100 ms, and looks each second for who has fallen silent.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from server.clock import Millis
from server.line import Line

log = logging.getLogger("hopso.live")

PING_EVERY_MS = 5_000
PING_DEADLINE_MS = 10_000
SILENT_MS = PING_EVERY_MS + PING_DEADLINE_MS
"""Who has said nothing for longer is taken to be gone."""

TICK_MS = 100
SLICES = PING_EVERY_MS // TICK_MS
LOOK_EVERY = 10
"""Ticks between two looks for the silent."""
LONGEST_MS = 1_000
"""A longer time between two ticks counts as this much: while we hung, nobody could be heard and nobody was asked."""

PING_FRAME = b"\x81\x012"
"""A WebSocket text frame holding an Engine.IO PING."""


def monotonic() -> Millis:
    """Milliseconds of a clock that nobody sets."""
    return time.monotonic_ns() // 1_000_000


class Heartbeat:
    """Asks every line each five seconds, and closes those that were silent for more than fifteen."""

    def __init__(self, now: Callable[[], Millis] = monotonic) -> None:
        self._now = now
        self._looked_at = now()
        self._time = 0
        self._ticks = 0
        self._slices: list[dict[Line, None]] = [{} for _ in range(SLICES)]
        self._slice_of: dict[Line, dict[Line, None]] = {}

    def join(self, line: Line) -> None:
        """The line is open: it is asked within five seconds, and from then on every five."""
        emptiest = min(self._slices, key=len)
        emptiest[line] = None
        self._slice_of[line] = emptiest
        self.heard(line)

    def heard(self, line: Line) -> None:
        """Its reader has said something, whatever it was."""
        line.heard_at = self._time

    def leave(self, line: Line) -> None:
        """The line is closed. May be called more than once."""
        self._slice_of.pop(line, {}).pop(line, None)

    def tick(self) -> None:
        """Do what has become due since the last tick."""
        now = self._now()
        self._time += min(now - self._looked_at, LONGEST_MS)
        self._looked_at = now
        while self._ticks < self._time // TICK_MS:
            self._ticks += 1
            for line in self._slices[self._ticks % SLICES]:
                line.write(PING_FRAME)
            if self._ticks % LOOK_EVERY == 0:
                self._close_silent()

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            await asyncio.sleep(TICK_MS / 1000)
            try:
                self.tick()
            except Exception:
                log.exception("the heartbeat missed a beat")

    def _close_silent(self) -> None:
        since = self._time - SILENT_MS
        for line in [line for line in self._slice_of if line.heard_at < since]:
            self.leave(line)
            line.close()
