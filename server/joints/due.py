"""What becomes due in a meeting without anybody's tap, by the server's clock: a speech whose time is over is ended,
and so is a notice.

Every web process waits for itself: whichever is first has done it, and a process that begins late, or after another
has died, catches up. Whether it is due is decided by the meeting, so that doing it again changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, NamedTuple

from server.clock import Millis
from server.meetings import floor, notices
from server.meetings.acts import SITTING, Command
from server.meetings.meeting import Meeting
from server.meetings.service import HOUSE, Meetings

LEAST_S = 0.05
"""A loop may wake a little before the clock says that it is time."""
AGAIN_S = 1.0
"""What failed (the database may be away) is tried again so much later."""
FAULTS = frozenset({"bug", "storage.away", "storage.full"})
"""Answers that are no decision."""

Begin = Callable[[Coroutine[Any, Any, None]], None]


class Act(NamedTuple):
    """What is to be done, and when."""

    at: Millis
    command: Command


def due(meeting: Meeting) -> Iterator[Act]:
    """What waits for its time in this meeting."""
    ends = floor.ends_by_itself(meeting)
    if ends is not None and meeting.speaking is not None and meeting.phase in SITTING:
        yield Act(ends, floor.EndSpeech(meeting.speaking.id))
    if meeting.notice_until and meeting.phase in notices.EndNotice.phases:
        yield Act(meeting.notice_until, notices.EndNotice())


class Due:
    """Waits for what is due in all meetings; `begin` looks after background work."""

    def __init__(self, meetings: Meetings, begin: Begin) -> None:
        self.meetings, self.begin = meetings, begin
        self._waiting: dict[str, asyncio.TimerHandle] = {}

    def changed(self, _before: Meeting, after: Meeting) -> None:
        """The meeting stands differently (`Meetings.on_change`)."""
        self._wait(after)

    async def look(self) -> None:
        """See to the meetings that go on since before this process began."""
        for listing in await self.meetings.running():
            self._wait((await self.meetings.standing(listing.id))[1])

    def _wait(self, meeting: Meeting) -> None:
        waiting = self._waiting.pop(meeting.id, None)
        if waiting is not None:
            waiting.cancel()
        first = min(due(meeting), key=lambda act: act.at, default=None)
        if first is not None:
            delay = max(LEAST_S, (first.at - self.meetings.clock.now()) / 1000)
            loop = asyncio.get_running_loop()
            self._waiting[meeting.id] = loop.call_later(delay, self._is_due, meeting.id, first.command)

    def _is_due(self, meeting_id: str, command: Command) -> None:
        self._waiting.pop(meeting_id, None)
        self.begin(self._do(meeting_id, command))

    async def _do(self, meeting_id: str, command: Command) -> None:
        """What somebody has decided meanwhile stands: the meeting refuses, and that ends it."""
        answer = await self.meetings.perform(meeting_id, HOUSE, self.meetings.clock.fresh_id(), command)
        known = self.meetings.at_hand(meeting_id)
        if answer.ok and known is not None:
            self._wait(known[1])
        elif answer.code in FAULTS and meeting_id not in self._waiting:
            loop = asyncio.get_running_loop()
            self._waiting[meeting_id] = loop.call_later(AGAIN_S, self._is_due, meeting_id, command)
