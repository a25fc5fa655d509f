"""The recorder's process: hears from web what to record, from media who is where, and keeps an eye on the disk."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any

import structlog

from server.clock import Clock, SystemClock
from server.config import MediaSettings, RecordingSettings
from server.errors import Problem
from server.media import control
from server.media.conference import RECORDER
from server.media.link import LINE_LIMIT, Listener
from server.media.recorder.filming import Films
from server.media.recorder.folder import Folder, folder_of
from server.media.recorder.index import INDEX
from server.media.recorder.recording import Recording
from server.media.recorder.words import FromWeb, Observation, Space, Wanted, WantFilm, decode_from_web
from server.media.service import Conferences
from server.privacy import private_socket

LOOK_EVERY_S = 2.0
MB = 1_000_000
LAST_SHARE = 4
"""A recording that runs may use the room down to a quarter of what is needed to begin one."""

log = structlog.get_logger("recorder")


class Recorder(Listener[FromWeb]):
    """All recordings of this process, and the web processes that are connected."""

    def __init__(self, settings: RecordingSettings, media: MediaSettings, clock: Clock) -> None:
        super().__init__("recorder", decode_from_web)
        self.settings = settings
        self.clock = clock
        self.media = Conferences(media.sockets(), self._observed)
        self.wanted: dict[str, Wanted] = {}
        self.recordings: dict[str, Recording] = {}
        self.films = Films(settings, self.tell)
        self.changing = asyncio.Lock()
        self.tasks: set[asyncio.Task[None]] = set()

    def standing(self) -> Iterable[Observation]:
        """How much room there is, and how every recording and film stands."""
        return (self.space(), *(one.state() for one in self.recordings.values()), *self.films.states())

    def heed(self, word: FromWeb, writer: asyncio.StreamWriter) -> None:  # noqa: ARG002 - nothing is answered
        """What is to be recorded or made into a film."""
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
        except Exception as error:  # whatever stands in one folder, the others are to be recorded into
            log.error("recorder.not_mended", folder=index.parent.name, reason=repr(error))


async def run(
    settings: RecordingSettings, media: MediaSettings, clock: Clock | None = None, ready: asyncio.Event | None = None
) -> None:
    """Serve until cancelled. `ready` is set once the control socket accepts connections."""
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    await asyncio.to_thread(mend_all, settings.folder)
    recorder = Recorder(settings, media, clock or SystemClock())
    with private_socket(settings.control_socket):
        server = await asyncio.start_unix_server(recorder.serve, settings.control_socket, limit=LINE_LIMIT)
    tasks = [asyncio.ensure_future(recorder.media.run(relieves=False)), asyncio.ensure_future(recorder.watch())]
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
        recorder.hang_up()
        with contextlib.suppress(OSError):
            settings.control_socket.unlink(missing_ok=True)
