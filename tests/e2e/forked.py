"""A house that is quick to start: its processes are forked from one that has everything imported.

They run the command line's own functions with the same settings as under the supervisor, which is tried by
`tests/hall/test_serving.py`, `tests/e2e/test_crash.py`, the whole meeting, and the death of the media process.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from server.supervisor import end_with_parent
from tests.e2e.house import RealHouse

PARTS = ("web", "media")
ENDS_WITHIN_S = 20

FORKS = multiprocessing.get_context("forkserver")
"""Importing the house anew takes a process two seconds of work, a fork of one that has imported it hardly any."""
FORKS.set_forkserver_preload(["server.web", "server.media.process", "uvloop", "tests.e2e.forked"])


class ForkedHouse(RealHouse):
    """The web and the media process; no supervisor above them, who would start again what ends."""

    def __init__(self, folder: Path, parts: tuple[str, ...] = PARTS) -> None:
        super().__init__(folder)
        self.parts = parts
        self.forks: list[Any] = []

    def launch(self) -> None:
        for part in self.parts:
            fork = FORKS.Process(target=_live, args=(part, self.folder, self.environment(), self.log), daemon=True)
            fork.start()
            self.forks.append(fork)

    def fell(self) -> bool:
        return not all(fork.is_alive() for fork in self.forks)

    def stop(self) -> None:
        for fork in self.forks:
            fork.terminate()
        for fork in self.forks:
            fork.join(ENDS_WITHIN_S)
            _end_group(fork.pid)
            fork.join()
        self.forks.clear()

    def children(self) -> dict[str, int]:
        return {part: fork.pid for part, fork in zip(self.parts, self.forks, strict=True)}


def _live(part: str, folder: Path, environment: dict[str, str], log: Path) -> None:
    """Become a process of the house, as the supervisor would start it; it ends with the tests, however they end."""
    end_with_parent(os.getppid())
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(written, 1)
    os.dup2(written, 2)
    sys.argv = ["server", "serve", "--only", part]
    from server.cli import main

    main()


def _end_group(leader: int) -> None:
    """What it left behind goes with it, as under the supervisor."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


@contextmanager
def forked_house(folder: Path, parts: tuple[str, ...] = PARTS) -> Iterator[ForkedHouse]:
    """A house that is running inside the block; without the part "media" the test plays it."""
    house = ForkedHouse(folder, parts)
    try:
        house.start()
        yield house
    finally:
        house.stop()
