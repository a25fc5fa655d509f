"""The house that the tests of the live door visit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.live.room import House, house


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    """One web process with the counter room."""
    async with house(tmp_path) as built:
        yield built
