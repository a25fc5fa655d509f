"""What a look at the database file tells, before the heavy parts are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from server import upkeep
from server.config import DatabaseSettings, Settings
from server.db import Database
from server.glance import is_ready


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    """Those of a database that was brought to the newest version."""
    made = Settings(database=DatabaseSettings(url=f"sqlite+aiosqlite:///{tmp_path}/house.db"))
    await upkeep.migrate(made)
    return made


async def change(settings: Settings, statement: str) -> None:
    """Something is written by hand."""
    db = Database(settings.database.url)
    async with db.writing() as connection:
        await connection.execute(text(statement))
    await db.close()


async def hold(settings: Settings, phase: str) -> None:
    """There is a meeting, in this phase."""
    named = {"id": "'m1'", "phase": f"'{phase}'"}
    db = Database(settings.database.url)
    async with db.reading() as connection:
        columns = (await connection.execute(text("PRAGMA table_info(meetings)"))).all()
    await db.close()
    values = ", ".join(named.get(column.name, "0") for column in columns)
    await change(settings, f"INSERT INTO meetings VALUES ({values})")


async def test_a_database_at_the_newest_version_is_ready(settings: Settings) -> None:
    assert is_ready(settings.database.url, demo=False)


async def test_an_older_database_is_not(settings: Settings) -> None:
    await change(settings, "UPDATE alembic_version SET version_num = '0001'")
    assert not is_ready(settings.database.url, demo=False)


@pytest.mark.parametrize("phase", ["draft", "published", "closed"])
async def test_a_demo_is_ready_when_a_meeting_was_published_as_the_operators_errands_see_it(
    settings: Settings, phase: str
) -> None:
    assert not is_ready(settings.database.url, demo=True)
    await hold(settings, phase)
    assert is_ready(settings.database.url, demo=True) == await upkeep.has_meetings(settings) == (phase != "draft")


@pytest.mark.parametrize("content", [None, b"", b"this is no database"])
def test_a_file_that_is_no_database_of_ours_is_not_ready_and_stays_as_it_is(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "house.db"
    if content is not None:
        file.write_bytes(content)
    assert not is_ready(f"sqlite+aiosqlite:///{file}", demo=False)
    assert (file.read_bytes() if file.exists() else None) == content


def test_other_databases_are_not_looked_into() -> None:
    assert not is_ready("postgresql+psycopg://hopso@host/hopso", demo=False)
