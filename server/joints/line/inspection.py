"""What `hopso check` says, for those who prepare the main room: looked at in a thread, by one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from server.clock import Clock, Millis

FRESH_MS = 30_000
"""An answer serves everybody who asks within so long: looking tries ports and relays and takes seconds."""


class Inspection:
    """The house's own findings, as they were found last."""

    def __init__(self, look: Callable[[Millis], object], clock: Clock) -> None:
        self.look = look
        self.clock = clock
        self._found: tuple[Millis, object] | None = None
        self._turn = asyncio.Lock()

    async def __call__(self) -> object:
        """All findings; waits for whoever is looking already."""
        async with self._turn:
            now = self.clock.now()
            if self._found is None or now - self._found[0] >= FRESH_MS:
                self._found = now, await asyncio.to_thread(self.look, now)
            return self._found[1]
