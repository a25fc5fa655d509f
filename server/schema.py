"""All tables of all rooms, and bringing a database to them."""

from __future__ import annotations

import importlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData

from server.db import Database, metadata

STORES = (
    "streams",
    "people.store.directory",
    "people.store.door",
    "documents.store",
    "meetings.store",
    "records.store",
)


def tables() -> MetaData:
    """The metadata with every room's tables registered."""
    for store in STORES:
        importlib.import_module(f"server.{store}")
    return metadata


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file: the scripts lie in `server/migrations`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def migrate(db: Database) -> None:
    """Bring the database to the newest version; nothing happens when it is there already."""
    async with db.writing() as connection:
        await connection.run_sync(lambda c: command.upgrade(alembic_config(c), "head"))
