"""The live doors while the system is stopped for content that does not belong on it: nothing is written or drawn."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence

from server.doors import StreamDoor
from server.http import Visitor
from server.meetings.acts import unless_stopped
from server.meetings.live import MeetingDoor
from server.meetings.meeting import Meeting
from server.meetings.service import Meetings
from server.streams import Answer, Entry, StreamId

MeetingsOf = Callable[[Iterable[StreamId]], set[StreamId]]
"""The streams of the meetings on which these streams hang, and these streams themselves."""


def doors_of(meeting: MeetingDoor, beside: Sequence[StreamDoor], meetings_of: MeetingsOf) -> dict[str, StreamDoor]:
    """All live doors by their kind: the meeting's own, and those that are shut while its system is stopped."""
    shut: list[StreamDoor] = [StoppedDoor(door, meeting.meetings, meetings_of) for door in beside]
    return {door.kind: door for door in (meeting, *shut)}


class StoppedDoor:
    """A door that is shut while its meeting's system is stopped: whoever knocks hears `meeting.stopped`, and comes
    again when it goes on. Who may not enter anyway hears what they always do."""

    def __init__(self, door: StreamDoor, meetings: Meetings, meetings_of: MeetingsOf) -> None:
        self.door = door
        self.kind, self.for_the_house = door.kind, door.for_the_house
        self.meetings = meetings
        self.meetings_of = meetings_of

    async def admit(self, visitor: Visitor, stream: StreamId) -> None:
        """As the door itself; then `Refused("meeting.stopped")`."""
        await self.door.admit(visitor, stream)
        for meeting in await self._standing(stream):
            unless_stopped(meeting)

    async def snapshot(self, visitor: Visitor, stream: StreamId) -> tuple[int, bytes]:
        """As the door itself: whoever asks has just been admitted."""
        return await self.door.snapshot(visitor, stream)

    def audience(self, entry: Entry) -> Container[str] | None:
        """As the door itself: what was written before it stopped may still be on its way."""
        return self.door.audience(entry)

    async def perform(self, visitor: Visitor, stream: StreamId, command_id: str, command: bytes) -> Answer:
        """Refused without a receipt: the same command may come again when the system goes on."""
        for meeting in await self._standing(stream):
            if meeting.stopped:
                await self.door.admit(visitor, stream)
            unless_stopped(meeting)
        return await self.door.perform(visitor, stream, command_id, command)

    def may_hint(self, visitor: Visitor, stream: StreamId, kind: str) -> bool:
        """Nothing is shown while it is drawn, either."""
        known = (self.meetings.at_hand(meeting) for meeting in self._meetings(stream))
        stopped = any(standing is not None and standing[1].stopped for standing in known)
        return not stopped and self.door.may_hint(visitor, stream, kind)

    def digest(self, stream: StreamId) -> tuple[int, str] | None:
        """As the door itself."""
        return self.door.digest(stream)

    def _meetings(self, stream: StreamId) -> list[str]:
        found = (one.partition(":") for one in self.meetings_of([stream]))
        return [meeting for room, _, meeting in found if room == "meeting"]

    async def _standing(self, stream: StreamId) -> list[Meeting]:
        """How the meeting stands, from the database where this process has not seen it; none when it is unknown here:
        then whoever asks for rights on it is told by these."""
        known = [self.meetings.at_hand(one) or await self.meetings.standing(one) for one in self._meetings(stream)]
        return [meeting for _, meeting in known]
