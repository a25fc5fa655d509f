"""How many have voted, told while the ballot is open: at once after the first vote, then a few times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from server.streams import StreamId

TELL_EVERY_S = 0.25
"""A thousand votes in ten seconds are forty numbers, not a thousand."""

Count = Callable[[str], Awaitable[int]]
"""How many mandates have voted in a ballot."""
Tell = Callable[[StreamId, str, Any], None]
"""`Live.status`."""


class Turnout:
    """Tells the newest number of each ballot. One teller for each, so that no older number follows a newer one."""

    def __init__(self, count: Count, tell: Tell) -> None:
        self.count = count
        self.tell = tell
        self._untold: set[str] = set()
        self._telling: set[str] = set()

    async def voted(self, stream: StreamId, ballot: str) -> None:
        """A vote was kept; returns soon if this is being told already, else when nothing new is left to tell."""
        self._untold.add(ballot)
        if ballot in self._telling:
            return
        self._telling.add(ballot)
        try:
            while ballot in self._untold:
                self._untold.discard(ballot)
                self.tell(stream, f"turnout:{ballot}", await self.count(ballot))
                await asyncio.sleep(TELL_EVERY_S)
        finally:
            self._telling.discard(ballot)
