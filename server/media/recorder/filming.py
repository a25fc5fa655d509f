"""Makes films one after the other, each in a process of its own that gives way to everything else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from server.config import RecordingSettings
from server.confine import environment
from server.errors import NotFound
from server.media.recorder.folder import folder_of
from server.media.recorder.plan import FILM, PART, PLAN, STATUS
from server.media.recorder.words import Filming, FilmState, WantFilm

NICE = 19

log = structlog.get_logger("recorder")


class Films:
    """The films that are wanted. How each stands is kept beside it, so that a new process goes on."""

    def __init__(self, settings: RecordingSettings, tell: Callable[[Filming], None]) -> None:
        self.root = settings.folder
        self.tell = tell
        self.queue: list[str] = []
        self.standing: dict[str, Filming] = {}
        self.child: asyncio.subprocess.Process | None = None
        self.current = ""
        self.task: asyncio.Task[None] | None = None

    def states(self) -> list[Filming]:
        """How those stand that were asked for."""
        return list(self.standing.values())

    async def resume(self) -> None:
        """Go on with what was asked for before."""
        for status in self.root.glob(f"*/{STATUS}"):
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError):
                known = msgspec.json.decode(status.read_bytes(), type=Filming)
                self.standing[known.conference] = known
                if known.state in ("waiting", "working"):
                    self._enqueue(known.conference)

    async def want(self, word: WantFilm) -> None:
        """Make it, or stop making it and delete it."""
        try:
            folder = folder_of(self.root, word.conference)
        except NotFound:
            return
        if word.wanted:
            if (folder / PLAN).is_file() and word.conference not in (*self.queue, self.current):
                self._say(word.conference, "waiting")
                self._enqueue(word.conference)
            return
        if word.conference in self.queue:
            self.queue.remove(word.conference)
        if word.conference == self.current and self.child is not None:
            self.child.terminate()
        (folder / FILM).unlink(missing_ok=True)
        self._say(word.conference, "")

    def _enqueue(self, conference: str) -> None:
        self.queue.append(conference)
        if self.task is None or self.task.done():
            self.task = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        while self.queue:
            self.current = self.queue.pop(0)
            try:
                await self._make(self.current, folder_of(self.root, self.current))
            finally:
                self.current = ""

    async def _make(self, conference: str, folder: Path) -> None:
        self._say(conference, "working")
        command = [sys.executable, "-sP", "-m", "server.media.recorder.film", str(folder)]
        child = self.child = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, env=environment(folder), preexec_fn=_give_way
        )
        assert child.stdout is not None
        try:
            while line := await child.stdout.readline():
                if line.strip().isdigit():
                    self._say(conference, "working", int(line))
            status = await child.wait()
        finally:
            if child.returncode is None:
                child.kill()
            (folder / PART).unlink(missing_ok=True)
        if self.standing.get(conference, Filming(conference, "")).state == "working":
            log.info("recorder.film_made", conference=conference, status=status)
            self._say(conference, "failed" if status else "done", 100)

    def _say(self, conference: str, state: FilmState, percent: int = 0) -> None:
        word = self.standing[conference] = Filming(conference, state, percent)
        status = folder_of(self.root, conference) / STATUS
        with contextlib.suppress(OSError):
            written = status.with_suffix(".part")
            written.write_bytes(msgspec.json.encode(word))
            written.replace(status)
        if not state:
            del self.standing[conference]
            status.unlink(missing_ok=True)
        self.tell(word)

    async def close(self) -> None:
        """Stop for now; what is unfinished begins anew with the next process."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


def _give_way() -> None:
    os.nice(NICE)
