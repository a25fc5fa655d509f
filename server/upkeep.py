"""What the operator does with the house from the command line, without the web process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from server import glance
from server.backup import sqlite_file
from server.config import Settings
from server.db import Database
from server.errors import NotFound, Unavailable
from server.meetings import store
from server.schema import migrate as bring_up

if TYPE_CHECKING:
    from server.app import House


async def migrate(settings: Settings) -> None:
    """Bring the database to the version of this program."""
    db = Database(settings.database.url, settings.database.busy_timeout_ms)
    try:
        await bring_up(db)
    finally:
        await db.close()


async def has_meetings(settings: Settings) -> bool:
    """Whether a meeting has been published here, asked without opening the house."""
    db = Database(settings.database.url, settings.database.busy_timeout_ms)
    try:
        async with db.reading() as connection:
            return any(row["phase"] != "draft" for row in await store.meetings_of(connection, None))
    finally:
        await db.close()


async def reset_password(settings: Settings, username: str) -> str:
    """A new password for an account; all its sessions end. `NotFound("person.unknown")`."""
    from server.http import Visitor
    from server.people.doors import Knock
    from server.people.store import directory

    operator = Visitor("operator", "", "Operator", offices=frozenset({"system"}))
    async with closed_house(settings) as house:
        async with house.db.reading() as connection:
            account = await directory.account_named(connection, username)
        if account is None:
            raise NotFound("person.unknown")
        return await house.people.reset(operator, account.person, second_factor=True, knock=Knock("terminal", "hopso"))


async def first_administrator(settings: Settings, agency: str, name: str, username: str) -> str:
    """The system's administrator of a new house, who makes all other accounts; the password to hand over."""
    async with closed_house(settings) as house:
        return await house.people.first_administrator(agency, name, username)


async def verify_log(settings: Settings) -> list[str]:
    """The places where a stream's chain of hashes breaks, as "stream, event number"; empty when all is whole."""
    async with closed_house(settings) as house:
        found = [(name, await house.streams.verify(name)) for name in await house.streams.names()]
        return [f"{name}, {version}" for name, version in found if version is not None]


@asynccontextmanager
async def closed_house(settings: Settings) -> AsyncIterator[House]:
    """The rooms without their background work, for one errand. `Unavailable("database.not_here")`: none is made."""
    from server.app import House  # the whole house is heavy, and most errands need only its database

    file = sqlite_file(settings.database.url)
    if file is not None and not glance.is_ready(settings.database.url, demo=False):
        raise Unavailable("database.not_here", file=str(file.resolve()))
    house = House(settings)
    try:
        yield house
    finally:
        await house.close()
