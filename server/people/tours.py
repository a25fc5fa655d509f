"""The first steps of a screen: shown to each account once, whatever device it is on."""

from __future__ import annotations

from server.db import Database
from server.errors import NotFound
from server.people.store import directory

NAMES = frozenset({"room", "chair", "secretary", "technician"})
"""The screens that have them."""


class Tours:
    """Who was shown what."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def shown(self, person: str) -> list[str]:
        """The screens whose first steps this person was shown."""
        async with self._db.reading() as connection:
            return await directory.tours_shown(connection, person)

    async def show(self, person: str, tour: str) -> None:
        """They were shown these. `NotFound("tour.unknown")`."""
        if tour not in NAMES:
            raise NotFound("tour.unknown")
        async with self._db.writing() as connection:
            await directory.keep_tour(connection, self._db, person, tour)
