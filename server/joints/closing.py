"""What follows when a meeting is closed: also where the process that closed it died before it had seen to it."""

from __future__ import annotations

import hashlib
import logging

from server.clock import Millis
from server.joints.line.desk import LineDesk
from server.meetings.service import Meetings
from server.records.service import Minutes

LATELY_MS: Millis = 24 * 3600 * 1000
"""Receipts are kept for longer, so that nothing is done twice."""

log = logging.getLogger("hopso.closing")


class Closing:
    """The text of the minutes is kept as it stands, and of the lines' history one reading a minute is left."""

    def __init__(self, meetings: Meetings, minutes: Minutes, line_desk: LineDesk) -> None:
        self.meetings = meetings
        self.minutes = minutes
        self.line_desk = line_desk

    async def closed(self, meeting_id: str, by: str) -> None:
        """This person closed the meeting. Doing it again changes nothing."""
        command_id = hashlib.sha256(f"close {meeting_id}".encode()).hexdigest()
        await self.minutes.close(meeting_id, by, command_id)
        await self.line_desk.board.thin(meeting_id)

    async def catch_up(self) -> None:
        """See to what was closed lately, perhaps by a process that died at once."""
        now = self.meetings.clock.now()
        for listing in await self.meetings.over_since(now - LATELY_MS):
            last = [entry for entry in await self.meetings.history(listing.id) if entry.type == "meeting.closed"][-1:]
            for entry in last:
                if entry.at > now - LATELY_MS:
                    await self.closed(listing.id, entry.by)
