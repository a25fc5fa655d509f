"""How meetings stand, as this process knows it: the folded states at hand, and who is told when one changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container, Sequence
from functools import partial

from server.listeners import tell_all
from server.meetings.acts import RUNNING, fold, read_event
from server.meetings.meeting import Meeting
from server.streams import Entry, StreamId

Standing = tuple[int, Meeting]
"""A version, and the meeting at it."""

MEETING = "meeting"
"""The kind of the streams of meetings."""

log = logging.getLogger("hopso.meetings")


class Standings:
    """States per stream. `read` reads a meeting from the database and remembers it here."""

    def __init__(self, read: Callable[[str], Awaitable[object]]) -> None:
        self.read = read
        self.on_change: list[Callable[[Meeting, Meeting], None]] = []
        self._known: dict[StreamId, Standing] = {}
        self._reading: set[asyncio.Future[object]] = set()

    def of(self, stream: StreamId) -> Standing | None:
        """The newest state this process has seen."""
        return self._known.get(stream)

    def remember(self, stream: StreamId, newest: Standing, before: Meeting | None = None) -> Standing:
        """The meeting stands so now, unless something newer is known; what is known then. Whichever way it was heard of
        (a commit here, the word of another process, a look into the database), what has changed since the last time is
        told, once."""
        known = self._known.get(stream)
        if known is not None and known[0] >= newest[0]:
            return known
        self._known[stream] = newest
        since, after = known[1] if known is not None else before, newest[1]
        if since is not None and since is not after:
            tell_all((partial(told, since, after) for told in self.on_change), stream)
        return newest

    async def catch_up(self, stream: StreamId) -> None:
        """From now on others' events of this stream are heard, if it is a meeting's: it is known as it stands now. From
        here on every event is folded in before anybody asks who may see it."""
        kind, _, meeting_id = stream.partition(":")
        if kind == MEETING:
            await self.read(meeting_id)

    def follow(self, stream: StreamId, entries: Sequence[Entry]) -> None:
        """These events were committed: they are folded in. Where some before them were not heard, the log is read: what
        is known meanwhile is how it stood once, not a hole in which nobody would be shown anything."""
        known = self._known.get(stream)
        if known is None or entries[-1].version <= known[0]:
            return
        if entries[0].version > known[0] + 1:
            reading: asyncio.Future[object] = asyncio.ensure_future(self.read(known[1].id))
            self._reading.add(reading)
            reading.add_done_callback(self._has_read)
            return
        events = [read_event(entry.type, entry.data) for entry in entries if entry.version > known[0]]
        self.remember(stream, (entries[-1].version, fold(known[1], events)))

    def _has_read(self, reading: asyncio.Future[object]) -> None:
        self._reading.discard(reading)
        if not reading.cancelled() and reading.exception() is not None:
            log.error("a meeting could not be read; whoever asks next reads it", exc_info=reading.exception())

    def forget(self, followed: Container[StreamId]) -> None:
        """Drop the states of meetings that nobody follows and that do not sit; they are read again when asked for."""
        kept = ((stream, known) for stream, known in self._known.items())
        self._known = {s: known for s, known in kept if s in followed or known[1].phase in RUNNING}
