"""All tables of all rooms, and bringing a database to them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from sqlalchemy import Connection, MetaData, inspect, text

from server.db import Database, metadata
from server.errors import Unavailable
from server.glance import MIGRATIONS, newest

if TYPE_CHECKING:
    from alembic.config import Config

STORES = (
    "streams",
    "leases",
    "people.store.directory",
    "people.store.door",
    "people.registry.store",
    "people.rooms.store",
    "people.tablets.store",
    "documents.store",
    "documents.search.store",
    "meetings.store",
    "meetings.box.store",
    "meetings.readings.store",
    "media.line.store",
    "records.store",
)


def tables() -> MetaData:
    """The metadata with every room's tables registered."""
    for store in STORES:
        importlib.import_module(f"server.{store}")
    return metadata


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file: the scripts lie in `server/migrations`."""
    from alembic.config import Config  # heavy, and seldom needed: the tables are nearly always there already

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def migrate(db: Database) -> None:
    """Bring the database to the newest version; nothing happens when it is there already.

    `Unavailable("database.newer")` when a later program has written it: we know nothing of its tables.
    """
    async with db.reading() as connection:
        found = await connection.run_sync(_version)
    if found == newest():
        return
    if found > newest():
        raise Unavailable("database.newer", found=found, newest=newest())
    from alembic import command

    async with db.writing() as connection:
        await connection.run_sync(lambda c: command.upgrade(alembic_config(c), "head"))


def _version(connection: Connection) -> str:
    """The migration this database has reached; "" when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
