"""Leases: of several processes over one database, one does a thing at a time; when it dies, another may a little later.

A lease is a row with its holder and the moment until which it holds. Whoever works renews it; whoever dies does not.
The clocks of the machines must agree to a second or two, which votes and minutes demand anyhow.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import BigInteger, Column, String, Table, delete, select, update

from server.clock import Clock, Millis
from server.db import Database, metadata

log = logging.getLogger("hopso.leases")

leases = Table(
    "leases",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", BigInteger, nullable=False),
)

LEASE_MS: Millis = 15_000
RENEW_EVERY_S = 5.0
"""Two renewals may fail before the lease is lost."""


class Leases:
    """The leases of one holder, which is one process or one part of it."""

    def __init__(self, db: Database, clock: Clock, holder: str) -> None:
        self.db = db
        self.clock = clock
        self.holder = holder

    async def take(self, name: str) -> bool:
        """Take the lease, or renew one's own; False while somebody else holds it."""
        now = self.clock.now()
        free = {"name": name, "holder": "", "until": 0}
        mine = (leases.c.holder == self.holder) | (leases.c.until < now)
        taken = update(leases).where((leases.c.name == name) & mine)
        async with self.db.writing() as connection:
            await connection.execute(self.db.insert_or_ignore(leases, [free]))
            changed = await connection.execute(taken.values(holder=self.holder, until=now + LEASE_MS))
        return bool(changed.rowcount)

    async def give_back(self, name: str) -> None:
        """Let go of one's own lease; somebody else's is left alone."""
        async with self.db.writing() as connection:
            own = (leases.c.name == name) & (leases.c.holder == self.holder)
            await connection.execute(delete(leases).where(own))

    async def abandoned(self, prefix: str) -> list[str]:
        """The names that begin so and whose holders have not renewed them: work somebody died over."""
        wanted = leases.c.name.startswith(prefix, autoescape=True) & (leases.c.until < self.clock.now())
        async with self.db.reading() as connection:
            return list((await connection.execute(select(leases.c.name).where(wanted))).scalars())

    @asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[bool]:
        """Whether the lease is ours, for as long as the block lasts; given back at its end."""
        if not await self.take(name):
            yield False
            return
        renewing = asyncio.create_task(self._renew(name), name=f"lease {name}")
        try:
            yield True
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            await self.give_back(name)

    async def _renew(self, name: str) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            with contextlib.suppress(Exception):  # the database is away: the next renewal may find it again
                if not await self.take(name):
                    log.warning("the lease of %s was lost", name)
                    return
