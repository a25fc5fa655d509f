"""Counting tries at the door, so that guessing does not pay."""

from __future__ import annotations

from collections.abc import Sequence

from server.clock import Clock, Millis
from server.db import Database
from server.people.sessions import TryLimit
from server.people.store import door


class Tries:
    """Every try is counted before it is judged, and taken back when it was right: parallel guesses gain nothing."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def count(self, limits: Sequence[TryLimit]) -> None:
        """Count one try against each limit; `TooMany("signin.too_often")` when it is one too many."""
        now = self._clock.now()
        async with self._db.writing() as connection:
            counted = [(limit, await door.count_try(connection, self._db, limit, now)) for limit in limits]
        for limit, (tries, since) in counted:
            limit.check(tries, since, now)

    async def forgive(self, limits: Sequence[TryLimit], succeeded: bool = False) -> None:
        """Take the try back; after a whole success the first limit, the narrowest, starts anew."""
        async with self._db.writing() as connection:
            for place, limit in enumerate(limits):
                if succeeded and place == 0:
                    await door.forgive_all_tries(connection, limit.key)
                else:
                    await door.forgive_try(connection, limit.key)

    async def sweep(self, older_than: Millis) -> None:
        """Forget counts that no longer count."""
        async with self._db.writing() as connection:
            await door.drop_old_tries(connection, self._clock.now() - older_than)
