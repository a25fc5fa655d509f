"""Minutes lie in the records room; who may read and write them is decided by their meeting."""

from __future__ import annotations

from server.http import Visitor
from server.meetings.acts import unless_stopped
from server.meetings.roles import DESK_AND_SECRETARY, MINUTES_WRITERS, Role
from server.meetings.routes import asker_of
from server.meetings.service import Meetings


class MinutesRights:
    """Answers the records room's questions out of the meeting; `Refused("meeting.stopped")` while its system is."""

    def __init__(self, meetings: Meetings) -> None:
        self.meetings = meetings

    async def may_read(self, visitor: Visitor, meeting_id: str) -> bool:
        """Chair, deputy and secretaries."""
        return await self._is_any(visitor, meeting_id, DESK_AND_SECRETARY)

    async def may_write(self, visitor: Visitor, meeting_id: str) -> bool:
        """The secretaries, and the chair."""
        return await self._is_any(visitor, meeting_id, MINUTES_WRITERS)

    async def may_print_kit(self, visitor: Visitor, meeting_id: str) -> bool:
        """The secretaries, and the chair: an administrator prepares, but the papers in it are not theirs to read."""
        return await self._is_any(visitor, meeting_id, MINUTES_WRITERS)

    async def _is_any(self, visitor: Visitor, meeting_id: str, roles: frozenset[Role]) -> bool:
        asker = asker_of(visitor, meeting_id)
        if not await self.meetings.roles_of(meeting_id, asker) & roles:
            return False
        unless_stopped((await self.meetings.standing(meeting_id))[1])
        return True
