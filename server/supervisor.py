"""Keeps the web and the media process alive: each can be restarted alone, and none outlives the supervisor.

Every child leads a process group of its own, so that what it started (document workers, LibreOffice) ends with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence

Tell = Callable[[str], None]
"""Takes one line for the operator per event."""

Note = Callable[[Mapping[str, int]], None]
"""Takes, at the beginning and after each death, how often each child has died."""

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
SETTLED_S = 10.0
"""A child that lived this long starts again with the shortest wait."""
PR_SET_PDEATHSIG = 1


class Supervisor:
    """Runs named commands until it is told to stop."""

    def __init__(
        self, commands: Mapping[str, Sequence[str]], tell: Tell, grace_s: float = 15.0, note: Note | None = None
    ) -> None:
        self._commands = commands
        self._tell = tell
        self._grace_s = grace_s
        self._note: Note = note or (lambda _restarts: None)
        self._restarts = dict.fromkeys(commands, 0)
        self._children: dict[str, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Starts all commands and keeps them running; returns after `stop()`, when all of them are gone."""
        self._note(self._restarts)
        try:
            async with asyncio.TaskGroup() as group:
                for name in self._commands:
                    group.create_task(self._keep(name))
        finally:
            self._stopping.set()
            await self._end_all()

    def stop(self) -> None:
        """Ask everything to end; `run()` returns soon after."""
        self._stopping.set()

    def pid(self, name: str) -> int | None:
        """The process id of a child that runs now."""
        child = self._children.get(name)
        return child.pid if child else None

    async def _keep(self, name: str) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stopping.is_set():
            began = time.monotonic()
            status = await self._live_once(name)
            if self._stopping.is_set():
                return
            wait_s = FIRST_WAIT_S if time.monotonic() - began >= SETTLED_S else wait_s
            self._restarts[name] += 1
            self._note(self._restarts)
            self._tell(f"{name}: {_how_it_ended(status)}; starting again in {wait_s:g} s")
            await self._pause(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    async def _live_once(self, name: str) -> int:
        child = await asyncio.create_subprocess_exec(*self._commands[name], start_new_session=True)
        self._children[name] = child
        self._tell(f"{name}: started, process {child.pid}")
        ended = asyncio.ensure_future(child.wait())
        stopping = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not ended.done():
            await self._end(name, child)
        # Whatever the child has left behind in its group goes with it.
        _signal_group(child.pid, signal.SIGKILL)
        del self._children[name]
        return await ended

    async def _end(self, name: str, child: asyncio.subprocess.Process) -> None:
        _signal_group(child.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(child.wait(), self._grace_s)
        except TimeoutError:
            self._tell(f"{name}: did not end within {self._grace_s:g} s, killed")
            _signal_group(child.pid, signal.SIGKILL)
            await child.wait()
        self._tell(f"{name}: ended")

    async def _end_all(self) -> None:
        for name, child in list(self._children.items()):
            await self._end(name, child)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


async def until_signalled(supervisor: Supervisor) -> None:
    """Runs the supervisor until SIGTERM or SIGINT asks it to stop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stop)
    try:
        await supervisor.run()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.remove_signal_handler(number)


def end_with_parent(parent: int) -> None:
    """The kernel sends this process SIGTERM when the supervisor dies, even by `kill -9` (prctl(2), Linux)."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        raise SystemExit(1)


def _signal_group(leader: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"ended by signal {-status}"
