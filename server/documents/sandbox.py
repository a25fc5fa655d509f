"""One process per file: started in a folder of its own, watched, ended, and its folder removed.

What the process may do is `confine.py`'s business; here it is given a wall clock, a memory watch and a
process group, and nothing of it stays behind, whatever happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from server.confine import PROGRAM_FILES, Policy, environment
from server.errors import Problem, Refused, TooLarge

log = logging.getLogger("hopso.documents")

LONGEST_LINE = 1 << 24
WATCH_EVERY_S = 0.3
START_TIMEOUT_S = 30.0


class Limits(msgspec.Struct, frozen=True):
    """What a worker may use up, and what it may read beside its file."""

    memory_mb: int
    cpu_s: int
    maps_much: bool = False
    """For libraries that map far more than they use: memory held is watched, instead of RLIMIT_AS."""
    reads: tuple[str, ...] = ()
    descriptors: int = 64


class Reply(msgspec.Struct, frozen=True):
    """A worker's answer to one request."""

    ok: bool
    code: str = ""
    details: dict[str, Any] = {}
    reason: str = ""
    """For the log: what the library said."""
    value: dict[str, Any] = {}


class Folder:
    """A temporary folder that belongs to one process; leaving the `with` removes it.

    It is locked (flock(2)) while it is in use, so that what a dead process left can be told from what another uses.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.path = Path(tempfile.mkdtemp(prefix="run-", dir=root)).resolve()
        self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove the folder and all in it; removing twice is fine."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    @staticmethod
    def forget_abandoned(root: Path) -> None:
        """Remove what a crash left under `root`; folders in use, by other processes too, stay."""
        for left in root.glob("run-*"):
            if _nobody_uses(left):
                shutil.rmtree(left, ignore_errors=True)


def _nobody_uses(folder: Path) -> bool:
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


async def start(folder: Path, arguments: Sequence[str]) -> asyncio.subprocess.Process:
    """A Python module of ours as a process at the head of its own group, speaking over its pipes."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-sP",  # modules come from us only, never from the folder the worker writes into
        "-m",
        *arguments,
        cwd=folder,
        env=environment(folder),
        start_new_session=True,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=LONGEST_LINE,
    )


async def end(process: asyncio.subprocess.Process) -> None:
    """Kill the whole process group and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
    # The leader's group outlives it while a grandchild does: those belong to init now, which reaps them.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


@cache
def _warn_once(missing: str) -> None:
    log.warning("this kernel does not give document workers: %s", missing)


class Session:
    """A living worker and the one file it was started for. One request at a time."""

    def __init__(self, folder: Folder, process: asyncio.subprocess.Process) -> None:
        self.folder = folder.path
        self._owned = folder
        self._process = process
        self.turn = asyncio.Lock()
        """Held by whoever uses the worker, from the request until its results are taken out of the folder."""
        self.asked = 0
        self.ended = False
        self.outgrown = False
        self.watch: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, root: Path, file: Path, limits: Limits) -> Session:
        """Start a worker that may read `file` and write only into its own new folder under `root`."""
        folder = Folder(root)
        try:
            named = _absolute(file)
            spelled = msgspec.json.encode(policy_for(folder.path, named, limits)).decode()
            process = await start(folder.path, ["server.documents.worker", spelled, named])
        except BaseException:
            folder.remove()
            raise
        session = cls(folder, process)
        if limits.maps_much:
            session.watch = asyncio.create_task(session._watch(limits.memory_mb << 20))
        await session._greet()
        return session

    async def _watch(self, limit: int) -> None:
        """End the worker as soon as it holds more than `limit` bytes of memory."""
        while resident(self._process.pid) <= limit:  # noqa: ASYNC110 — the kernel sends no event for it
            await asyncio.sleep(WATCH_EVERY_S)
        self.outgrown = True
        await end(self._process)

    async def _greet(self) -> None:
        """The worker's first line says which layers of protection the kernel lacks."""
        hello = await self.ask("", START_TIMEOUT_S)
        if hello["missing"]:
            _warn_once(", ".join(hello["missing"]))

    @property
    def busy(self) -> bool:
        """Is somebody using it?"""
        return self.turn.locked()

    async def ask(self, operation: str, timeout_s: float, **arguments: Any) -> dict[str, Any]:
        """The worker's answer. A worker that fails, hangs or dies is ended, and the reason raised as a `Problem`."""
        self.asked += 1
        try:
            async with asyncio.timeout(timeout_s):
                reply = await self._exchange({"op": operation} | arguments)
        except TimeoutError:
            await self.close()
            raise Refused("paper.took_too_long", seconds=int(timeout_s)) from None
        except BaseException:
            await asyncio.shield(self.close())
            raise
        if not reply.ok:
            log.info("worker refused %s: %s %s", operation, reply.code, reply.reason)
            raise Refused(reply.code, **reply.details)
        return reply.value

    async def _exchange(self, request: dict[str, Any]) -> Reply:
        if self.ended or self._process.stdin is None or self._process.stdout is None:
            raise Refused("paper.damaged")
        try:
            if request["op"]:
                self._process.stdin.write(msgspec.json.encode(request) + b"\n")
                await self._process.stdin.drain()
            line = await self._process.stdout.readline()
        except (ConnectionError, ValueError):
            line = b""
        if not line:
            status = await self._process.wait()
            log.info("worker died at %s: status %s", request["op"], status)
            raise TooLarge("paper.too_heavy") if self.outgrown else _death(status)
        return msgspec.json.decode(line, type=Reply)

    async def close(self) -> None:
        """End the worker and remove its folder; closing twice is fine."""
        if not self.ended:
            self.ended = True
            if self.watch is not None:
                self.watch.cancel()
            await end(self._process)
            self._owned.remove()


def _absolute(file: Path) -> str:
    return str(file.resolve())


def policy_for(folder: Path, file: str, limits: Limits) -> Policy:
    return Policy(
        read=[*PROGRAM_FILES, *limits.reads, file],
        write=[str(folder)],
        memory_mb=0 if limits.maps_much else limits.memory_mb,
        cpu_s=limits.cpu_s,
        descriptors=limits.descriptors,
    )


def _death(status: int) -> Problem:
    """What to tell about a worker that died of its file."""
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return Refused("paper.took_too_long", seconds=0)
    if status == -signal.SIGXFSZ:
        return TooLarge("paper.too_heavy")
    return Refused("paper.damaged")


def resident(process: int) -> int:
    """Bytes of memory that a process holds (proc_pid_statm(5)); 0 when it is gone."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
