"""What a room says about its kind of stream, so that the live door need not know the room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container
from typing import Any, Protocol

import msgspec

from server.http import Visitor
from server.streams import Answer, Entry, StreamId


class StreamDoor(Protocol):
    """What a room says about its kind of stream."""

    kind: str
    for_the_house: Container[str]
    """Kinds of hints that are heeded here and told to nobody else."""

    async def admit(self, visitor: Visitor, stream: StreamId) -> None:
        """Raises `Forbidden` or `NotFound` when they may not follow this stream."""
        ...

    async def snapshot(self, visitor: Visitor, stream: StreamId) -> tuple[int, bytes]:
        """The version, and the stream's state as this visitor may see it, as JSON."""
        ...

    def audience(self, entry: Entry) -> Container[str] | None:
        """Who may see this event now: person ids, or None for everyone admitted."""
        ...

    async def perform(self, visitor: Visitor, stream: StreamId, command_id: str, command: bytes) -> Answer:
        """Carry out a command given as JSON `{"type": …}`."""
        ...

    def may_hint(self, visitor: Visitor, stream: StreamId, kind: str) -> bool:
        """Whether they may send hints of this kind."""
        ...

    def digest(self, stream: StreamId) -> tuple[int, str] | None:
        """Version and digest of the public part of the state, or None where there is none."""
        ...


class Entrance(msgspec.Struct, frozen=True):
    """Who may come in: tickets are redeemed once, origins are allowed by name."""

    redeem: Callable[[str], Awaitable[Visitor | None]]
    allowed: Callable[[str, str], bool]
    """Of an origin and the host that was asked for."""


OnPresence = Callable[[StreamId, Visitor, str, bool], None]
"""Called when an endpoint of somebody begins (True) or ends (False) to follow a stream."""
OnHint = Callable[[StreamId, Visitor, str, str, Any], None]
