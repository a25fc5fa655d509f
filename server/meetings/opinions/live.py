"""The live door of `opinions:<meeting>`: who may follow the book, what they see of it, and its commands."""

from __future__ import annotations

from collections.abc import Container

import msgspec

from server.http import Visitor
from server.meetings.acts import Audience
from server.meetings.opinions.book import read_command, read_event
from server.meetings.opinions.service import Opinions
from server.meetings.routes import asker_of
from server.streams import Answer, Entry, StreamId


class OpinionsDoor:
    """Translates between the live protocol and `Opinions`."""

    kind = "opinions"
    for_the_house: Container[str] = frozenset()

    def __init__(self, opinions: Opinions) -> None:
        self.opinions = opinions

    async def admit(self, visitor: Visitor, stream: StreamId) -> None:
        """Whoever may see the meeting may follow its book."""
        meeting_id = _meeting(stream)
        await self.opinions.meetings.seen_by(meeting_id, asker_of(visitor, meeting_id))

    async def snapshot(self, visitor: Visitor, stream: StreamId) -> tuple[int, bytes]:
        """`{"opinions": {…}, "amendments": {…}}` as this visitor may see them."""
        meeting_id = _meeting(stream)
        version, book = await self.opinions.seen_by(meeting_id, asker_of(visitor, meeting_id))
        return version, msgspec.json.encode(book)

    def audience(self, entry: Entry) -> Audience:
        """Who may see this event, as the meeting stands now."""
        standing = self.opinions.meetings.at_hand(_meeting(entry.stream))
        if standing is None:
            return frozenset()
        return read_event(entry.type, entry.data).audience(standing[1])

    async def perform(self, visitor: Visitor, stream: StreamId, command_id: str, command: bytes) -> Answer:
        """Perform the command this visitor sent; whoever may not see the meeting learns nothing of it."""
        meeting_id = _meeting(stream)
        asker = asker_of(visitor, meeting_id)
        await self.opinions.meetings.seen_by(meeting_id, asker)
        return await self.opinions.perform(meeting_id, asker, command_id, read_command(command))

    def may_hint(self, visitor: Visitor, stream: StreamId, kind: str) -> bool:
        """Nobody watches another write."""
        return False

    def digest(self, stream: StreamId) -> tuple[int, str] | None:
        """None: the book looks different to different people."""
        return None


def _meeting(stream: StreamId) -> str:
    return stream.removeprefix("opinions:")
