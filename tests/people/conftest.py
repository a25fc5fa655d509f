"""A house over SQLite for every test that asks for one."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.people.house import House


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The database of a house that was built and closed, to be copied; and how many ids its clock has given."""
    file = tmp_path_factory.mktemp("people") / "hopso.db"

    async def build() -> int:
        house = await House(f"sqlite+aiosqlite:///{file}", file.parent).build()
        await house.close()
        return house.clock.count

    return file, asyncio.run(build())


def _copied(built_once: tuple[Path, int], folder: Path, **settings: bool) -> House:
    file, ids = built_once
    shutil.copy(file, folder / "hopso.db")
    house = House(f"sqlite+aiosqlite:///{folder}/hopso.db", folder, **settings)
    house.clock.count = ids
    return house


@pytest.fixture
async def house(tmp_path: Path, built_once: tuple[Path, int]) -> AsyncIterator[House]:
    """Accounts without a second factor, as in a demonstration."""
    copied = _copied(built_once, tmp_path)
    yield copied
    await copied.close()


@pytest.fixture
async def strict_house(tmp_path: Path, built_once: tuple[Path, int]) -> AsyncIterator[House]:
    """Who steers meetings or accounts needs a second factor, as in production."""
    copied = _copied(built_once, tmp_path, require_second_factor=True)
    yield copied
    await copied.close()
