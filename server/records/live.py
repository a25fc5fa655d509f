"""The door of the stream `minutes:<meeting>`: who may follow and write, and the words on the wire."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Container

import msgspec

from server.errors import Forbidden, Invalid
from server.http import Visitor
from server.records.service import Minutes, meeting_of
from server.records.wishes import Keep, Wish
from server.streams import Answer, Entry, StreamId

May = Callable[[Visitor, str], Awaitable[bool]]
"""Whether this visitor may (read, write) the minutes of that meeting."""

CARET = "caret"
"""Hints of this kind show where others are writing."""


class Snapshot(msgspec.Struct, frozen=True):
    """The document as the editor opens it: one Yjs update (v1) in base64."""

    update: str


class MinutesDoor:
    """The live door of the minutes."""

    kind = "minutes"
    for_the_house: Container[str] = frozenset()

    def __init__(self, minutes: Minutes, may_read: May, may_write: May) -> None:
        self.minutes = minutes
        self.may_read = may_read
        self.may_write = may_write

    async def admit(self, visitor: Visitor, stream: StreamId) -> None:
        """Raises `Forbidden("minutes.not_yours_to_read")`."""
        if not await self.may_read(visitor, meeting_of(stream)):
            raise Forbidden("minutes.not_yours_to_read")

    async def snapshot(self, visitor: Visitor, stream: StreamId) -> tuple[int, bytes]:
        """The merged document."""
        await self.admit(visitor, stream)
        version, state = await self.minutes.state(meeting_of(stream))
        return version, msgspec.json.encode(Snapshot(base64.b64encode(state).decode()))

    def audience(self, _entry: Entry) -> frozenset[str] | None:
        """Everyone admitted: whoever may follow the minutes may see every edit."""
        return None

    async def perform(self, visitor: Visitor, stream: StreamId, command_id: str, command: bytes) -> Answer:
        """One wish of somebody who may write; `Forbidden("minutes.not_yours_to_write")` for others."""
        meeting = meeting_of(stream)
        if not await self.may_write(visitor, meeting):
            raise Forbidden("minutes.not_yours_to_write")
        try:
            wish = msgspec.json.decode(command, type=Wish)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Invalid("body.malformed", reason=str(error)) from error
        if isinstance(wish, Keep):
            wish = Keep(wish.label)
        return await self.minutes.perform(meeting, visitor.person, command_id, wish)

    def may_hint(self, _visitor: Visitor, _stream: StreamId, kind: str) -> bool:
        """Only carets; who is admitted was asked before."""
        return kind == CARET

    def digest(self, _stream: StreamId) -> tuple[int, str] | None:
        """None: Yjs documents agree by themselves once all updates have arrived."""
        return None
