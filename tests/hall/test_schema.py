"""The migrations lead to exactly the tables the code knows, forwards and backwards, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from server.db import Database
from server.schema import alembic_config, migrate, tables

INDEX = ("page_index", "ix_page_index")
DATABASES = [pytest.param("sqlite", id="SQLite"), pytest.param("postgresql", id="PostgreSQL", marks=pytest.mark.slow)]


@pytest.fixture(params=DATABASES)
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/schema.db")
    else:
        database = Database(request.getfixturevalue("fresh_postgres_url"))
    yield database
    await database.close()


def differences(connection: Connection) -> list[Any]:
    """What autogenerate would still change."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    found = list(compare_metadata(context, tables()))
    return [one for one in found if not getattr(one[1], "name", "").startswith(INDEX)]


def names(connection: Connection) -> set[str]:
    """The tables there are, without Alembic's own and the index of words, which each database keeps in its own way."""
    tables = inspect(connection).get_table_names()
    return {name for name in tables if not name.startswith(INDEX)} - {"alembic_version"}


async def test_a_migrated_database_has_the_tables_of_the_code_and_no_others(db: Database) -> None:
    await migrate(db)
    async with db.reading() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(names) == set(tables().tables)


async def test_migrating_twice_changes_nothing_and_keeps_what_is_there(db: Database) -> None:
    await migrate(db)
    kept = tables().tables["receipts"]
    row = {column.name: 1 if column.type.python_type is int else "x" for column in kept.columns}
    async with db.writing() as connection:
        await connection.execute(kept.insert().values(row))
    await migrate(db)
    async with db.reading() as connection:
        versions = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars().all()
        rows = (await connection.execute(kept.select())).mappings().all()
    assert versions == ScriptDirectory.from_config(alembic_config()).get_heads()
    assert [dict(found) for found in rows] == [row]


async def test_every_migration_can_be_taken_back_and_made_again(db: Database) -> None:
    await migrate(db)
    scripts = ScriptDirectory.from_config(alembic_config())
    for script in scripts.walk_revisions():
        below = str(script.down_revision or "base")
        async with db.writing() as connection:
            await connection.run_sync(lambda c, to=below: command.downgrade(alembic_config(c), to))
        async with db.writing() as connection:
            await connection.run_sync(lambda c, to=script.revision: command.upgrade(alembic_config(c), to))
            await connection.run_sync(lambda c, to=below: command.downgrade(alembic_config(c), to))
    async with db.reading() as connection:
        assert await connection.run_sync(names) == set()
    await migrate(db)
    async with db.reading() as connection:
        assert await connection.run_sync(differences) == []


def test_the_migrations_are_one_line_without_branches() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert len(scripts.get_heads()) == 1 and len(scripts.get_bases()) == 1
    numbers = [script.revision for script in scripts.walk_revisions()]
    assert numbers == [f"{number:04}" for number in range(len(numbers), 0, -1)]
