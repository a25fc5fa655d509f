"""Fixtures of the papers room."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.documents.house import Room, pdf, room


@pytest_asyncio.fixture
async def papers_room(tmp_path: Path) -> AsyncIterator[Room]:
    """An empty papers room."""
    async with room(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a papers room with one paper of two pages, closed: to be copied, never to be changed.

    What was sent lies beside it, as `sent.pdf`.
    """
    folder = tmp_path_factory.mktemp("papers")

    async def publish() -> None:
        async with room(folder) as opened:
            content = pdf(pages=2)
            await opened.published(content)
            (folder / "sent.pdf").write_bytes(content)

    asyncio.run(publish())
    return folder


@pytest_asyncio.fixture
async def room_with_paper(tmp_path: Path, published_once: Path) -> AsyncIterator[Room]:
    """A papers room of one's own in which one paper of two pages can be read."""
    shutil.copytree(published_once, tmp_path / "room")
    async with room(tmp_path / "room") as opened:
        yield opened
