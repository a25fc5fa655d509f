"""Keeps the processes of the house alive (web, media, recorder, codecs): each can be restarted alone, none outlives the
supervisor.

Every child leads a process group of its own, so that what it started (document workers, LibreOffice) ends with it.

A child that lives and does nothing is no better than a dead one. Its event loop beats into a pipe of its own; when the
pulse fails it is killed and started again. Whether it *can* decide (a database that is away) is not asked here:
`/health` says so, and starting anew would not help.
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
PULSE = "SUPERVISOR_PULSE"
"""The variable that names a child's end of the pipe."""
BEAT_S = 0.5
SILENCE_S = 20.0
"""After so long without a beat a child is hung: its clients have given up on it for 5 s already."""
FIRST_BEAT = 6
"""So many times the silence may last before the first beat: a slow machine compiles and imports for long."""
LOOKS = 20
"""Looks in a silence. They are counted, not timed, so that a machine that slept kills nobody when it wakes up."""


class Supervisor:
    """Runs named commands until it is told to stop."""

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        tell: Tell,
        grace_s: float = 15.0,
        note: Note | None = None,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._commands = commands
        self._tell = tell
        self._grace_s = grace_s
        self._silence_s = silence_s
        self._note: Note = note or (lambda _restarts: None)
        self._restarts = dict.fromkeys(commands, 0)
        self._children: dict[str, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Starts all commands and keeps them running; returns after `stop()`, when all of them are gone."""
        self._write_down()
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

    def _say(self, line: str) -> None:
        with contextlib.suppress(OSError):  # the terminal is closed: nobody must end for that
            self._tell(line)

    def _write_down(self) -> None:
        with contextlib.suppress(OSError):  # the disk is full: least of all now
            self._note(self._restarts)

    async def _keep(self, name: str) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stopping.is_set():
            began = time.monotonic()
            ending = await self._live_once(name)
            if self._stopping.is_set():
                return
            wait_s = FIRST_WAIT_S if time.monotonic() - began >= SETTLED_S else wait_s
            self._restarts[name] += 1
            self._write_down()
            self._say(f"{name}: {ending}; starting again in {wait_s:g} s")
            await self._pause(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    async def _live_once(self, name: str) -> str:
        """From its start to its end; how it ended."""
        try:
            return _how_it_ended(await self._run_once(name))
        except OSError as error:  # no memory, no descriptors: there may be some again
            return f"cannot be started: {error.strerror}"

    async def _run_once(self, name: str) -> int:
        with Pulse() as pulse:
            child = await asyncio.create_subprocess_exec(
                *self._commands[name], start_new_session=True, pass_fds=(pulse.given,), env=os.environ | pulse.named
            )
            pulse.begin()
            self._children[name] = child
            self._say(f"{name}: started, process {child.pid}")
            await self._until_it_is_over(name, child, pulse)
        # Whatever the child has left behind in its group goes with it.
        _signal_group(child.pid, signal.SIGKILL)
        del self._children[name]
        return await child.wait()

    async def _until_it_is_over(self, name: str, child: asyncio.subprocess.Process, pulse: Pulse) -> None:
        """Until it has ended, must end, or is hung."""
        ended = asyncio.ensure_future(child.wait())
        hung = asyncio.ensure_future(pulse.fails(self._silence_s))
        stopping = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({ended, hung, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done() and self._stopping.is_set():
            await self._end(name, child)
        elif not ended.done():
            # A loop that does not turn hears no polite signal either.
            self._say(f"{name}: alive but not answering for {self._silence_s:g} s, killed")
        for waiting in (ended, hung, stopping):
            waiting.cancel()

    async def _end(self, name: str, child: asyncio.subprocess.Process) -> None:
        _signal_group(child.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(child.wait(), self._grace_s)
        except TimeoutError:
            self._say(f"{name}: did not end within {self._grace_s:g} s, killed")
            _signal_group(child.pid, signal.SIGKILL)
            await child.wait()
        self._say(f"{name}: ended")

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


class Pulse:
    """A pipe into which one child beats; with it the supervisor sees that the child's event loop turns."""

    def __init__(self) -> None:
        self._taken, self.given = os.pipe()
        os.set_blocking(self._taken, False)
        self.named = {PULSE: str(self.given)}
        self._beaten = False
        self._begun = False

    def __enter__(self) -> Pulse:
        return self

    def begin(self) -> None:
        """The child has its end now."""
        os.close(self.given)
        self._begun = True
        asyncio.get_running_loop().add_reader(self._taken, self._hear)

    def __exit__(self, *_error: object) -> None:
        if self._begun:
            asyncio.get_running_loop().remove_reader(self._taken)
        else:
            os.close(self.given)
        os.close(self._taken)

    async def fails(self, silence_s: float) -> None:
        """Returns when there was no beat for so long, or none at all for `FIRST_BEAT` times as long."""
        silent, most = 0, LOOKS * FIRST_BEAT
        while silent < most:
            await asyncio.sleep(silence_s / LOOKS)
            silent += 1
            if self._beaten:
                self._beaten, silent, most = False, 0, LOOKS

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            if os.read(self._taken, 4096):
                self._beaten = True
            else:  # the child is gone, which is seen elsewhere
                asyncio.get_running_loop().remove_reader(self._taken)


async def beat() -> None:
    """Beat for the supervisor as long as the event loop turns; without one (`--only` by hand) nothing is done."""
    given = os.environ.pop(PULSE, "")
    if not given:
        return
    pipe = int(given)
    os.set_inheritable(pipe, False)
    os.set_blocking(pipe, False)
    while True:
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(pipe, b".")
        await asyncio.sleep(BEAT_S)


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
