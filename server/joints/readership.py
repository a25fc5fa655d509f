"""Who has opened which paper: gathered from where tablets say they read, written now and then, told to the desk.

Hints may be lost, but tablets say again and again where they read. What is gathered here is written a few seconds
later, many at once; a process that dies loses those seconds, and hears them again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from server.errors import Problem
from server.http import Visitor
from server.meetings.meeting import Meeting
from server.meetings.readings import store
from server.meetings.readings.readers import (
    Reading,
    Seen,
    Where,
    further,
    opened,
    seen,
    to_the_minute,
    waits,
    watchers,
)
from server.meetings.service import Meetings
from server.streams import StreamId

WRITE_AFTER_S = 5.0
TOPIC = "readings"

log = logging.getLogger("hopso.readings")

Begin = Callable[[Coroutine[Any, Any, None]], None]
Tell = Callable[[StreamId, str, Any, frozenset[str] | None], None]
"""`Live.status`."""


class Readership:
    """Gathers per meeting what is new, and remembers what has been written so that nothing is written twice."""

    def __init__(self, meetings: Meetings, tell: Tell, begin: Begin) -> None:
        self.meetings, self.tell, self.begin = meetings, tell, begin
        self._known: dict[str, dict[Where, Seen]] = {}
        self._new: dict[str, dict[Where, Reading]] = {}
        self._due: dict[str, asyncio.TimerHandle] = {}

    def heard(self, stream: StreamId, visitor: Visitor, _endpoint: str, kind: str, data: Any) -> None:
        """An endpoint says where it reads (`Live.on_hint`, hint "following")."""
        if kind != "following" or not isinstance(data, dict):
            return
        meeting_id, paper, page = stream.removeprefix("meeting:"), data.get("paper"), data.get("page")
        standing = self.meetings.at_hand(meeting_id)
        if standing is None or not isinstance(paper, str) or not isinstance(page, int):
            return
        where = Where(paper, visitor.person)
        before = self._known.get(meeting_id, {}).get(where)
        if before is not None and before.page >= page and before.version == _version(standing[1], paper):
            return
        now = seen(standing[1], visitor.person, paper, page)
        if now is not None and further(before, now):
            self._take(meeting_id, where, now)

    def changed(self, _before: Meeting, after: Meeting) -> None:
        """The meeting stands differently (`Meetings.on_change`): when it is over, nothing more is counted."""
        if after.phase == "closed":
            self._known.pop(after.id, None)

    async def close(self) -> None:
        """Write what has been gathered: the process ends."""
        for waiting in self._due.values():
            waiting.cancel()
        for meeting_id in list(self._new):
            await self._write(meeting_id)

    def _take(self, meeting_id: str, where: Where, now: Seen) -> None:
        self._known.setdefault(meeting_id, {})[where] = now
        gathered = self._new.setdefault(meeting_id, {})
        earlier = gathered.get(where)
        first = earlier is None or earlier.version != now.version
        at = to_the_minute(self.meetings.clock.now()) if first or earlier is None else earlier.opened_at
        gathered[where] = Reading(where.paper, where.person, now.version, at, now.page)
        self._wait(meeting_id, WRITE_AFTER_S)

    def _wait(self, meeting_id: str, seconds: float) -> None:
        if meeting_id not in self._due:
            loop = asyncio.get_running_loop()
            self._due[meeting_id] = loop.call_later(seconds, self._is_due, meeting_id)

    def _is_due(self, meeting_id: str) -> None:
        self._due.pop(meeting_id, None)
        standing = self.meetings.at_hand(meeting_id)
        if standing is not None and waits(standing[1]):
            self._wait(meeting_id, WRITE_AFTER_S)
        else:
            self.begin(self._write_and_tell(meeting_id))

    async def _write_and_tell(self, meeting_id: str) -> None:
        if not await self._write(meeting_id):
            self._wait(meeting_id, WRITE_AFTER_S)
            return
        standing = self.meetings.at_hand(meeting_id)
        if standing is None:
            return
        meeting = standing[1]
        async with self.meetings.db.reading() as connection:
            kept = await store.of_meeting(connection, meeting_id)
        self.tell(StreamId(f"meeting:{meeting_id}"), TOPIC, opened(meeting, kept), watchers(meeting))

    async def _write(self, meeting_id: str) -> bool:
        """False when the database could not take it: it is kept, and tried again."""
        found = self._new.pop(meeting_id, None)
        if found is None:
            return True
        try:
            await store.keep(self.meetings.db, meeting_id, found.values())
        except Problem:
            log.warning("who has read in meeting %s could not be written; trying again", meeting_id)
            self._new[meeting_id] = found | self._new.get(meeting_id, {})
            return False
        return True


def _version(meeting: Meeting, paper: str) -> str:
    known = meeting.papers.get(paper)
    return known.version if known else ""
