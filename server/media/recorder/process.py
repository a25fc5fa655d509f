"""The recorder's process: hears from web what to record, from media who is where, and keeps an eye on the disk."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec
import structlog

from server.clock import Clock, SystemClock
from server.config import MediaSettings, RecordingSettings
from server.errors import Problem
from server.media import control
from server.media.conference import RECORDER
from server.media.recorder.filming import Films
from server.media.recorder.folder import Folder, folder_of
from server.media.recorder.index import INDEX
from server.media.recorder.recording import Recording
from server.media.recorder.words import (
    LINE_LIMIT,
    Observation,
    Space,
    Wanted,
    WantFilm,
    decode_from_web,
    encode,
)
from server.media.service import Conferences
from server.privacy import private_socket

LOOK_EVERY_S = 2.0
OWED_LIMIT = 1024 * 1024
MB = 1_000_000
LAST_SHARE = 4
"""A recording that runs may use the room down to a quarter of what is needed to begin one."""

log = structlog.get_logger("recorder")


class Recorder:
    """All recordings of this process, and the web processes that are connected."""

    def __init__(self, settings: RecordingSettings, media: MediaSettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.media = Conferences(media.control_socket, self._observed, self._media_is_back)
        self.wanted: dict[str, Wanted] = {}
        self.recordings: dict[str, Recording] = {}
        self.films = Films(settings, self.tell)
        self.writers: set[asyncio.StreamWriter] = set()
        self.changing = asyncio.Lock()
        self.tasks: set[asyncio.Task[None]] = set()

    def tell(self, word: Observation) -> None:
        """Say it to everybody who listens."""
        for writer in tuple(self.writers):
            self._write(writer, word)

    def _write(self, writer: asyncio.StreamWriter, word: Observation) -> None:
        if writer.transport.get_write_buffer_size() > OWED_LIMIT:
            self.writers.discard(writer)
            writer.transport.abort()
        elif not writer.is_closing():
            writer.write(encode(word))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One web process, from its first line to its last."""
        self.writers.add(writer)
        try:
            standing: list[Observation] = [one.state() for one in self.recordings.values()]
            for word in (self.space(), *standing, *self.films.states()):
                self._write(writer, word)
            while line := await reader.readline():
                self._heed(decode_from_web(line))
                await writer.drain()
        except (ConnectionError, ValueError, msgspec.DecodeError) as error:
            # What is wanted stays as it is: web will be back.
            log.warning("recorder.control_lost", reason=str(error))
        finally:
            self.writers.discard(writer)
            writer.close()

    def _heed(self, word: Wanted | WantFilm) -> None:
        if isinstance(word, WantFilm):
            self._begin(self.films.want(word))
        elif word.newer_than(self.wanted.get(word.conference)):
            self.wanted[word.conference] = word
            self._begin(self._follow(word.conference))

    async def _follow(self, conference: str) -> None:
        """Make it as it is wanted; one change after the other."""
        async with self.changing:
            wanted = self.wanted.get(conference)
            running = self.recordings.get(conference)
            if wanted is None:
                return
            if wanted.recording and running is None:
                await self._record(conference)
            elif not wanted.recording and running is not None:
                del self.recordings[conference]
                await running.stop(wanted.why)
            if wanted.over:
                del self.wanted[conference]

    async def _record(self, conference: str) -> None:
        try:
            folder = Folder(folder_of(self.settings.folder, conference))
        except Problem as problem:
            log.error("recorder.unusable_name", conference=conference, code=problem.code)
            return
        self.recordings[conference] = Recording(conference, folder, self.media, self.clock, self.tell)

    def _observed(self, observation: control.Observation) -> None:
        recording = self.recordings.get(observation.conference)
        if recording is None:
            return
        if isinstance(observation, control.Slots) and observation.receiver == RECORDER:
            recording.seated(observation.seats)
        elif isinstance(observation, control.Gone) and observation.endpoint == RECORDER:
            recording.lost(observation.session)

    def _media_is_back(self) -> None:
        for recording in self.recordings.values():
            recording.lost()

    def space(self) -> Space:
        """How much room there is."""
        free = free_mb(self.settings.folder)
        return Space(free, free >= self.settings.min_free_mb)

    async def watch(self) -> None:
        """Look at the disk from time to time, and end what would fill it."""
        while True:
            space = self.space()
            self.tell(space)
            if space.free_mb < self.settings.min_free_mb // LAST_SHARE:
                for recording in self.recordings.values():
                    recording.full()
            await asyncio.sleep(LOOK_EVERY_S)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def close(self) -> None:
        """End everything in good order; what was wanted goes on with the next process."""
        for recording in list(self.recordings.values()):
            await recording.stop("broken")
        await self.films.close()
        for task in list(self.tasks):
            task.cancel()


def free_mb(folder: Path) -> int:
    """What is free where recordings are kept, in MB."""
    return shutil.disk_usage(folder).free // MB


def mend_all(root: Path) -> None:
    """Make whole what the process before left unfinished."""
    for index in root.glob(f"*/{INDEX}"):
        try:
            Folder(index.parent).mend()
        except OSError as error:
            log.error("recorder.not_mended", folder=index.parent.name, reason=str(error))


async def run(
    settings: RecordingSettings, media: MediaSettings, clock: Clock | None = None, ready: asyncio.Event | None = None
) -> None:
    """Serve until cancelled. `ready` is set once the control socket accepts connections."""
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    await asyncio.to_thread(mend_all, settings.folder)
    recorder = Recorder(settings, media, clock or SystemClock())
    with private_socket(settings.control_socket):
        server = await asyncio.start_unix_server(recorder.serve, settings.control_socket, limit=LINE_LIMIT)
    tasks = [asyncio.ensure_future(recorder.media.run()), asyncio.ensure_future(recorder.watch())]
    await recorder.films.resume()
    if ready is not None:
        ready.set()
    try:
        await asyncio.gather(*tasks)
    finally:
        server.close()
        await recorder.close()
        for task in tasks:
            task.cancel()
        for writer in tuple(recorder.writers):
            writer.close()
        with contextlib.suppress(OSError):
            settings.control_socket.unlink(missing_ok=True)
