"""When a line gets sound alone: by itself below what carries both, and pictures again by itself. Pure."""

from __future__ import annotations

from server.clock import Millis

BELOW_BPS = 150_000
"""A line that takes less carries three voices and nothing else."""
ABOVE_BPS = 200_000
HOLD_MS = 5_000
"""So long more than `ABOVE_BPS` must be there before pictures come back: a line on the edge does not flicker."""


class SoundOnly:
    """Whether one receiver's line is too thin for pictures. Sound must never wait, so that it begins at once."""

    def __init__(self) -> None:
        self.is_so = False
        self._enough_since: Millis | None = None

    def weigh(self, budget: int, now: Millis, given_back: bool = False) -> bool:
        """Judge a budget in bits a second; whether pictures are off from now on.

        A budget that was given back (the line lost packets, and is not thin) is believed at once: whoever gives it back
        waits longer and longer when that fails.
        """
        if budget < BELOW_BPS:
            self.is_so, self._enough_since = True, None
        elif given_back and budget >= ABOVE_BPS:
            self.is_so, self._enough_since = False, None
        elif not self.is_so or budget < ABOVE_BPS:
            self._enough_since = None
        elif self._enough_since is None:
            self._enough_since = now
        elif now - self._enough_since >= HOLD_MS:
            self.is_so, self._enough_since = False, None
        return self.is_so
