"""A hall that came at once: what its coming took is given back to the system when all have come.

A thousand newcomers are shown the meeting in the same seconds, and what they are shown waits for them in memory. What
is freed then lies between what stays, and the C library would keep it: 60 to 100 kB for each tablet, for as long as the
process lives.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
from collections.abc import Callable

CROWD = 100
"""So many who come without a pause are one."""
CALM_S = 2.0
"""When nobody came for so long, all have come."""

Later = Callable[[float, Callable[[], None]], object]
"""Has something done after so many seconds."""


def give_back() -> None:
    """Let the system have the memory that nobody uses: some milliseconds for a hundred megabytes (`malloc_trim(3)`)."""
    with contextlib.suppress(AttributeError, OSError):  # of glibc alone; others give back by themselves
        ctypes.CDLL(None).malloc_trim(0)


def after(seconds: float, work: Callable[[], None]) -> object:
    """`call_later` of the loop that runs."""
    return asyncio.get_running_loop().call_later(seconds, work)


class Crowd:
    """Counts who comes, and has memory given back once a crowd has come."""

    def __init__(self, then: Callable[[], None] = give_back, later: Later = after) -> None:
        self._then = then
        self._later = later
        self._came = 0
        self._seen = 0
        """How many had come when we last looked; 0 while nobody comes."""

    def comes(self) -> None:
        """One more has come."""
        self._came += 1
        if not self._seen:
            self._wait()

    def _wait(self) -> None:
        self._seen = self._came
        self._later(CALM_S, self._look)

    def _look(self) -> None:
        if self._came > self._seen:
            self._wait()
            return
        came, self._came, self._seen = self._came, 0, 0
        if came >= CROWD:
            self._then()
