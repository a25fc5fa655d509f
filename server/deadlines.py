"""Until when something that was asked for may still be done: whoever asked has been told by then that it was not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from server.clock import Millis
from server.errors import Refused

if TYPE_CHECKING:
    from server.streams import Decide, Decision, Turn

_BEFORE: ContextVar[Millis] = ContextVar("before", default=0)
# A context, for the rooms between the live door and the streams have nothing to do with it.


@contextmanager
def deadline(before: Millis) -> Iterator[None]:
    """What is asked of the streams inside the block is decided up to this moment or not at all; 0: whenever."""
    token = _BEFORE.set(before)
    try:
        yield
    finally:
        _BEFORE.reset(token)


def in_time(decide: Decide) -> Decide:
    """The decision, or `Refused("live.too_late")` where the deadline of its context is over when its turn comes: the
    database may have kept it waiting."""
    before = _BEFORE.get()
    if not before:
        return decide

    async def decided(turn: Turn) -> Decision:
        if turn.now > before:
            raise Refused("live.too_late")
        return await decide(turn)

    return decided
