"""Fixtures of the papers room."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.documents.house import Room, room


@pytest_asyncio.fixture
async def papers_room(tmp_path: Path) -> AsyncIterator[Room]:
    """An empty papers room."""
    async with room(tmp_path) as opened:
        yield opened
