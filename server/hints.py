"""Hints on their way: the first at once, the next gathered; the last of a kind and sender wins, the slow miss some.

Gathering spares work where many listen, and costs time: the fewer listen, the shorter it lasts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from server import words
from server.callers import Caller
from server.line import text_frame
from server.streams import StreamId
from server.words import Passed

MOST_SENDERS = 500
"""Hints gathered for one stream in one moment; more are forgotten."""
PER_LISTENER_S = 0.0001
"""How long is gathered for each who listens: some ten times the work of telling them."""


class Gathered(NamedTuple):
    """A hint, and the caller it came from: None when the server itself or another process has it to say."""

    passed: Passed
    sender: Caller | None = None
    is_from_bus: bool = False


Flush = Callable[[StreamId, list[Gathered]], int]
"""Tells a stream's hints; how many listen."""


class HintTray:
    """Hands the first hint of a stream over at once; what comes in the moment after it is gathered.

    The moment lasts `at_most_s` seconds, or `PER_LISTENER_S` for each who listens.
    """

    def __init__(self, at_most_s: float, flush: Flush) -> None:
        self.at_most_s = at_most_s
        self.flush = flush
        self._gathered: dict[StreamId, dict[tuple[int, str, str], Gathered]] = {}

    def put(self, hint: Gathered) -> None:
        """Take a hint; an earlier one of the same sender and type that still lies here is forgotten."""
        hints = self._gathered.get(hint.passed.stream)
        if hints is None:
            # A line that one person draws waits for nobody; only where many draw is there something to gather.
            self._tell(hint.passed.stream, [hint])
            return
        key = (id(hint.sender), hint.passed.by, hint.passed.type)
        if key in hints or len(hints) < MOST_SENDERS:
            hints[key] = hint

    def _tell(self, stream: StreamId, hints: list[Gathered]) -> None:
        self._gathered[stream] = {}
        listeners = 0
        try:
            listeners = self.flush(stream, hints)
        finally:
            moment = min(self.at_most_s, listeners * PER_LISTENER_S)
            asyncio.get_running_loop().call_later(moment, self._hand_over, stream)

    def _hand_over(self, stream: StreamId) -> None:
        if hints := self._gathered.pop(stream):
            self._tell(stream, list(hints.values()))


def spread(hints: Sequence[Gathered], followers: Sequence[Caller]) -> None:
    """Write the hints to everyone who is keeping up, to each sender without their own."""
    senders = {hint.sender for hint in hints}
    frame = text_frame(words.hints(hint.passed for hint in hints))
    for caller in followers:
        if caller not in senders:
            caller.line.write_if_idle(frame)
            continue
        others = [hint.passed for hint in hints if hint.sender is not caller]
        if others:
            caller.line.write_if_idle(text_frame(words.hints(others)))
