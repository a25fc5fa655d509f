"""The meeting's live door: who may follow it, what they see of it, and its commands."""

from __future__ import annotations

from server.errors import Forbidden
from server.http import Visitor
from server.meetings import views
from server.meetings.acts import Audience, read_command, read_event
from server.meetings.meeting import Meeting
from server.meetings.routes import asker_of
from server.meetings.service import Meetings, roles
from server.streams import Answer, Entry, StreamId

HINTS = frozenset({"following"})
"""What tablets tell without its being kept: where I read. Where the presenter points goes with the ink of the page, to
those who may read it."""

DIGESTS_KEPT = 16


class MeetingDoor:
    """The door of streams `meeting:<id>`."""

    kind = "meeting"

    def __init__(self, meetings: Meetings) -> None:
        self.meetings = meetings
        self._digests: dict[StreamId, tuple[Meeting, str]] = {}

    async def admit(self, visitor: Visitor, stream: StreamId) -> None:
        """Only those who belong to the meeting, or administer it, may follow it."""
        meeting_id = _meeting(stream)
        await self.meetings.seen_by(meeting_id, asker_of(visitor, meeting_id))

    async def snapshot(self, visitor: Visitor, stream: StreamId) -> tuple[int, bytes]:
        """The meeting as this visitor may see it."""
        meeting_id = _meeting(stream)
        version, meeting = await self.meetings.seen_by(meeting_id, asker_of(visitor, meeting_id))
        return version, views.as_json(meeting)

    def audience(self, entry: Entry) -> Audience:
        """Who may see this event as the meeting stands now; `Meetings.follow` has heard of it before."""
        standing = self.meetings.at_hand(_meeting(entry.stream))
        if standing is None:
            return frozenset()
        return read_event(entry.type, entry.data).audience(standing[1])

    async def perform(self, visitor: Visitor, stream: StreamId, command_id: str, command: bytes) -> Answer:
        """Perform the command this visitor sent; whoever may not see the meeting learns nothing of it."""
        meeting_id = _meeting(stream)
        asker = asker_of(visitor, meeting_id)
        await self.meetings.seen_by(meeting_id, asker)
        return await self.meetings.perform(meeting_id, asker, command_id, read_command(command))

    def may_hint(self, visitor: Visitor, stream: StreamId, kind: str) -> bool:
        """Whether this visitor may send such a hint: everybody who belongs to the meeting."""
        standing = self.meetings.at_hand(_meeting(stream))
        if standing is None or kind not in HINTS:
            return False
        try:
            return bool(roles(standing[1], asker_of(visitor, _meeting(stream))))
        except Forbidden:
            return False

    def digest(self, stream: StreamId) -> tuple[int, str] | None:
        """The head version and the digest of what everybody sees."""
        standing = self.meetings.at_hand(_meeting(stream))
        if standing is None:
            return None
        known = self._digests.get(stream)
        if known is None or known[0] is not standing[1]:
            # With a thousand members this takes as long as telling it to hundreds, and it is asked for again and again.
            known = self._digests[stream] = standing[1], views.public_digest(standing[1])
        if len(self._digests) > DIGESTS_KEPT:
            del self._digests[next(iter(self._digests))]
        return standing[0], known[1]


def _meeting(stream: StreamId) -> str:
    return stream.removeprefix("meeting:")
