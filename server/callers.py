"""Who is at the other end of a socket."""

from __future__ import annotations

import asyncio

import msgspec

from server.http import Visitor
from server.line import Line, text_frame
from server.pace import Bucket, Lane, Pace
from server.streams import StreamId
from server.words import ack


class Limits(msgspec.Struct, frozen=True):
    """What one socket may ask for, and how often we tell."""

    command: Pace = Pace(50, 100)
    sync: Pace = Pace(10, 40)
    hint: Pace = Pace(80, 80)
    """A line is told with every frame of the screen it is drawn on; more is no hand."""
    sockets: int = 32
    """Sockets of one session that may be open at once."""
    waiting: int = 128
    """Commands of one socket that may wait for their turn."""
    events_before_snapshot: int = 200
    """Further behind than this, a snapshot is cheaper than the events."""
    hints_every_s: float = 0.025
    """How long hints are gathered at most; less where few listen."""
    heads_every_s: float = 5.0
    show_ticket_within_s: float = 10.0
    look_again_s: float = 0.05
    """How often a socket with waiting statuses is looked at."""


class Caller:
    """One signed-in socket: whose it is, at which endpoint, and how it is served."""

    def __init__(self, line: Line, visitor: Visitor, endpoint: str, limits: Limits) -> None:
        self.line = line
        self.visitor = visitor
        self.person = visitor.person
        self.endpoint = endpoint
        self.write = line.write
        self.limits = limits
        self.commands = Lane(limits.waiting)
        self.syncs = Lane(limits.waiting)
        self.streams: set[StreamId] = set()
        self._buckets = {name: Bucket(getattr(limits, name)) for name in ("command", "sync", "hint")}

    def may_ask(self, word: str) -> bool:
        """Whether they are not asking too often."""
        return self._buckets[word].take(asyncio.get_running_loop().time())

    def answer(self, number: int | None, *content: bytes) -> None:
        """Answer the message of this number, if it wanted an answer."""
        if number is not None:
            self.line.write_whole(text_frame(*ack(number, *content)))
