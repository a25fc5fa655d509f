"""How many have voted, told while the ballot is open: at once after the first vote, then a few times a second.

Before that, how many are ready. Which mandates have voted is for the desk's eyes; what they voted is never told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from server.meetings.polling import polled
from server.meetings.service import Meetings, stream_of
from server.meetings.votes import desk_of
from server.streams import StreamId

TELL_EVERY_S = 0.25
"""A thousand votes in ten seconds are forty numbers, not a thousand."""

Word = tuple[str, Any, frozenset[str] | None]
"""A topic, its value, and for whom it is (None: for everybody)."""
Count = Callable[[str, str], Awaitable[list[Word]]]
"""What is to be told of a meeting's ballot now."""
Tell = Callable[[StreamId, str, Any, frozenset[str] | None], None]
"""`Live.status`."""


def counting(meetings: Meetings) -> Count:
    """How a ballot stands, from its rows."""

    async def count(meeting_id: str, ballot: str) -> list[Word]:
        poll = await polled(meetings, meeting_id, ballot)
        _, meeting = await meetings.standing(meeting_id)
        words: list[Word] = [(f"{topic}:{ballot}", number, None) for topic, number in poll.counts.items()]
        return [*words, (f"voted:{ballot}", list(poll.voted), desk_of(meeting))] if poll.voted else words

    return count


class Turnout:
    """Tells the newest number of each ballot. One teller for each, so that no older number follows a newer one."""

    def __init__(self, count: Count, tell: Tell) -> None:
        self.count = count
        self.tell = tell
        self._untold: set[str] = set()
        self._telling: set[str] = set()

    def heard(self, begin: Callable[[Coroutine[Any, Any, None]], None]) -> Callable[[str, str], None]:
        """What is called with meeting and ballot after a vote; `begin` does the telling beside the vote's answer."""
        return lambda meeting, ballot: begin(self.voted(stream_of(meeting), ballot))

    async def voted(self, stream: StreamId, ballot: str) -> None:
        """A vote was kept; returns soon if this is being told already, else when nothing new is left to tell."""
        self._untold.add(ballot)
        if ballot in self._telling:
            return
        self._telling.add(ballot)
        try:
            while ballot in self._untold:
                self._untold.discard(ballot)
                for topic, value, audience in await self.count(stream.removeprefix("meeting:"), ballot):
                    self.tell(stream, topic, value, audience)
                await asyncio.sleep(TELL_EVERY_S)
        finally:
            self._telling.discard(ballot)
