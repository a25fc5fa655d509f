"""The meeting's live door: who may follow it, what they see of it, and its commands."""

from __future__ import annotations

import contextlib
from collections.abc import Container

import msgspec

from server.canonical import Digests
from server.errors import Forbidden, Problem
from server.http import Visitor
from server.meetings import views
from server.meetings.acts import Audience, read_command, read_event
from server.meetings.meeting import Meeting
from server.meetings.routes import asker_of
from server.meetings.service import Asker, Meetings, roles
from server.streams import Answer, Entry, StreamId

HINTS = frozenset({"following"})
"""What tablets tell without its being kept: where I read. It is for the house alone, which tells the desk: what one
reads is nobody else's business, and of a thousand tablets each would be told of all others at every page. Where the
presenter points goes with the ink of the page, to those who may read it."""

DIGESTS_KEPT = 16
SNAPSHOTS_KEPT = 16


class _Digested(msgspec.Struct):
    """The digest of a meeting, and what the next one of it is made from."""

    digests: Digests
    meeting: Meeting | None = None
    digest: str = ""


class MeetingDoor:
    """The door of streams `meeting:<id>`."""

    kind = "meeting"
    for_the_house: Container[str] = HINTS

    def __init__(self, meetings: Meetings) -> None:
        self.meetings = meetings
        self._snapshots = Snapshots()
        self._digests: dict[StreamId, _Digested] = {}

    async def admit(self, visitor: Visitor, stream: StreamId) -> None:
        """Only those who belong to the meeting, or administer it, may follow it."""
        meeting_id = _meeting(stream)
        await self.meetings.admitted(meeting_id, asker_of(visitor, meeting_id))

    async def snapshot(self, visitor: Visitor, stream: StreamId) -> tuple[int, bytes]:
        """The meeting as this visitor may see it."""
        meeting_id = _meeting(stream)
        version, meeting = await self.meetings.admitted(meeting_id, asker_of(visitor, meeting_id))
        return version, self._snapshots.of(meeting, visitor.person)

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
        if not self._is_let_in(meeting_id, asker):
            await self.meetings.admitted(meeting_id, asker)
        return await self.meetings.perform(meeting_id, asker, command_id, read_command(command))

    def _is_let_in(self, meeting_id: str, asker: Asker) -> bool:
        """Whether they may see the meeting as it is at hand. What they ask for is decided by how it stands in the log:
        a thousand votes need not read it twice."""
        known = self.meetings.at_hand(meeting_id)
        if known is None:
            return False
        with contextlib.suppress(Problem):
            views.admit(known[1], roles(known[1], asker))
            return True
        return False

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
        known = self._digests.get(stream) or _Digested(Digests())
        if known.meeting is not standing[1]:
            # With a thousand members this takes as long as telling it to hundreds, and it is asked for again and again.
            known.meeting, known.digest = standing[1], known.digests.of(views.public_part(standing[1]))
        self._digests[stream] = known
        if len(self._digests) > DIGESTS_KEPT:
            del self._digests[next(iter(self._digests))]
        return standing[0], known.digest


class Snapshots:
    """Meetings as they are shown to newcomers: written once for all who see the same. When a thousand come in one
    second, there would be nothing else to do for a second."""

    def __init__(self) -> None:
        self._written: dict[tuple[str, views.Outlook], tuple[Meeting, bytes]] = {}

    def of(self, meeting: Meeting, person: str) -> bytes:
        """The meeting as this principal may see it, as JSON."""
        outlook = views.outlook(meeting, person)
        known = self._written.pop((meeting.id, outlook), None)
        if known is None or known[0] is not meeting:
            known = meeting, views.as_json(views.seen_from(meeting, outlook))
        self._written[(meeting.id, outlook)] = known
        if len(self._written) > SNAPSHOTS_KEPT:
            del self._written[next(iter(self._written))]
        return known[1]


def _meeting(stream: StreamId) -> str:
    return stream.removeprefix("meeting:")
