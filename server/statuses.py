"""What is so at the moment and never logged: who follows, turnout, "switch layer off". The latest wins."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

import msgspec

from server.clock import Clock
from server.streams import StreamId

MOST_TOPICS = 10_000
"""Topics kept for one stream: eight for each line of 200 sites and 600 people, and room to spare."""
PASSING = "media.quality."
"""Said again every few seconds: what goes first, after topics that have ended, when there are too many."""
KEPT_MS = 3_600_000
"""How long after its last word the statuses of a stream that nobody follows are kept."""


class Status(msgspec.Struct, frozen=True):
    """The value of one topic of one stream. `audience` holds person ids; None means everyone admitted."""

    stream: StreamId
    topic: str
    seq: int
    value: Any
    audience: frozenset[str] | None = None

    def is_for(self, person: str) -> bool:
        """Whether this person may know it."""
        return self.audience is None or person in self.audience


class Statuses:
    """The newest status of each topic of each stream."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._newest: dict[StreamId, dict[str, Status]] = {}
        self._seq = 0

    def next_seq(self) -> int:
        """A number above all earlier ones, those of an earlier run too and, with clocks in step, of other processes."""
        self._seq = max(self._seq + 1, self.clock.now())
        return self._seq

    def keep(self, status: Status) -> bool:
        """Keep it if it is newer than what is known; a value of None ends its topic."""
        topics = self._newest.setdefault(status.stream, {})
        known = topics.get(status.topic)
        if known is not None and known.seq >= status.seq:
            return False
        topics.pop(status.topic, None)
        topics[status.topic] = status
        if len(topics) > MOST_TOPICS:
            del topics[_least_missed(topics)]
        return True

    def forget(self, followed: Container[StreamId]) -> None:
        """Drop what was said of streams that nobody follows and nothing has been said of for an hour."""
        since = self.clock.now() - KEPT_MS
        old = [stream for stream, topics in self._newest.items() if all(one.seq < since for one in topics.values())]
        for stream in old:
            if stream not in followed:
                del self._newest[stream]

    def of(self, stream: StreamId) -> list[Status]:
        """What holds in this stream now."""
        return [status for status in self._newest.get(stream, {}).values() if status.value is not None]

    def all(self) -> list[Status]:
        """What holds anywhere now, ended topics included."""
        return [status for topics in self._newest.values() for status in topics.values()]


def _least_missed(topics: Mapping[str, Status]) -> str:
    """The oldest that has ended, else the oldest that will be said again soon, else the oldest."""
    ended = (topic for topic, status in topics.items() if status.value is None)
    passing = (topic for topic in topics if topic.startswith(PASSING))
    return next(ended, None) or next(passing, None) or next(iter(topics))
