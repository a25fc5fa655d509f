"""A house over SQLite for every test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.people.house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Accounts without a second factor, as in a demonstration."""
    built = await House(f"sqlite+aiosqlite:///{tmp_path}/hopso.db", tmp_path).build()
    yield built
    await built.close()


@pytest.fixture
async def strict_house(tmp_path: Path) -> AsyncIterator[House]:
    """Who steers meetings or accounts needs a second factor, as in production."""
    built = await House(f"sqlite+aiosqlite:///{tmp_path}/hopso.db", tmp_path, require_second_factor=True).build()
    yield built
    await built.close()
