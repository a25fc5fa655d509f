"""The web side of recording: says what is to be recorded, again after every reconnect, and hears how it goes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import structlog

from server.errors import Unavailable
from server.listeners import tell_all
from server.media.recorder.words import LINE_LIMIT, Observation, Space, Wanted, WantFilm, decode_from_recorder, encode

RETRY_S = 0.25

log = structlog.get_logger("recorder")


class Recordings:
    """All recordings, as the web process sees them.

    `observe` is called with every observation, in order, on the event loop; it must not block. `connected` is called
    after each (re)connection, when everything that is wanted has been said again.
    """

    def __init__(
        self, control_socket: Path, observe: Callable[[Observation], None], connected: Callable[[], None] | None = None
    ) -> None:
        self.path = control_socket
        self.observe = observe
        self.connected = connected
        self.states: dict[str, Wanted] = {}
        self.space: Space | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.up = asyncio.Event()

    async def run(self) -> None:
        """Stay connected until cancelled; the recorder may come, go and come again."""
        while True:
            with contextlib.suppress(OSError):
                await self._session()
            await asyncio.sleep(RETRY_S)

    def readiness(self) -> str:
        """Whether a recording could begin now: "ready", "absent" (no recorder) or "full" (no room)."""
        if self.writer is None or self.space is None:
            return "absent"
        return "ready" if self.space.enough else "full"

    def want(self, state: Wanted) -> None:
        """Say whether a conference is to be recorded; older states than the one said before are ignored."""
        if not state.newer_than(self.states.get(state.conference)):
            return
        self.states[state.conference] = state
        if self.writer is not None:
            self.writer.write(encode(state))
        if state.over:
            # Said once; a recorder that comes later records nothing anyway.
            del self.states[state.conference]

    def want_film(self, conference: str, wanted: bool) -> None:
        """Ask for a film, or no longer. `Unavailable("recording.no_recorder")` when nobody is there to make it."""
        if self.writer is None:
            raise Unavailable("recording.no_recorder")
        self.writer.write(encode(WantFilm(conference, wanted)))

    async def _session(self) -> None:
        reader, writer = await asyncio.open_unix_connection(self.path, limit=LINE_LIMIT)
        self.writer = writer
        try:
            for state in self.states.values():
                writer.write(encode(state))
            self.up.set()
            if self.connected is not None:
                self.connected()
            while line := await reader.readline():
                word = decode_from_recorder(line)
                if isinstance(word, Space):
                    self.space = word
                tell_all((partial(self.observe, word),), "what the recorder observed")
        except (ValueError, msgspec.DecodeError) as error:
            log.error("recorder.control_unreadable", reason=str(error))
        finally:
            self.writer = self.space = None
            self.up.clear()
            writer.close()
