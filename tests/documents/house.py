"""A papers room for tests: a real database, real blobs, real workers, and files made on the spot."""

from __future__ import annotations

import io
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import msgspec
import pymupdf
from sqlalchemy import create_engine

from server.blobs import LocalBlobs
from server.clock import HeldClock
from server.config import DocumentSettings
from server.db import Database, metadata
from server.documents.ink import Ink
from server.documents.papers import Paper
from server.documents.service import Papers
from server.streams import Streams


class Room(msgspec.Struct):
    """Everything a test touches."""

    papers: Papers
    ink: Ink
    streams: Streams
    db: Database
    folder: Path
    changes: list[Paper]

    async def published(self, content: bytes, name: str = "Báo cáo.pdf", shelf: str = "họp-1") -> Paper:
        """Receive a file and wait until everything about it is done."""
        paper = await self.papers.receive("bình", shelf, name, in_pieces(content))
        await self.papers.settled()
        return await self.papers.paper(paper.id)

    @property
    def left_over(self) -> list[str]:
        """Temporary files and folders that should not be there any more."""
        return sorted(str(path.relative_to(self.work)) for path in self.work.glob("*"))

    @property
    def work(self) -> Path:
        return self.folder / "work"


@asynccontextmanager
async def room(folder: Path, url: str = "", **settings: object) -> AsyncIterator[Room]:
    """A papers room over `folder`; opening it twice is a restart."""
    if not url and not (folder / "papers.db").exists():
        (folder / "papers.db").write_bytes(_empty_database())
    db = Database(url or f"sqlite+aiosqlite:///{folder}/papers.db")
    if url:
        async with db.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
    clock = HeldClock()
    clock.count = len(list((folder / "blobs").glob("*/*"))) * 1000
    chosen = DocumentSettings.model_validate(
        {"pages_folder": folder / "pages", "work_folder": folder / "work", "render_timeout_s": 10} | settings
    )
    changes: list[Paper] = []
    papers = Papers(db, LocalBlobs(folder / "blobs"), clock, chosen, changes.append)
    streams = Streams(db, clock)

    async def name_of(person: str) -> str:
        return person.title()

    ink = Ink(db, streams, papers, name_of)
    await papers.start()
    try:
        yield Room(papers, ink, streams, db, folder, changes)
    finally:
        await papers.close()
        await streams.close()
        await db.close()


@cache
def _empty_database() -> bytes:
    """A database file with all tables and nothing in them, made once."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/empty.db")
        metadata.create_all(engine)
        engine.dispose()
        return Path(folder, "empty.db").read_bytes()


async def in_pieces(content: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    """The content as an upload brings it."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


def pdf(pages: int = 3, width: float = 595, height: float = 842) -> bytes:
    """A PDF with "Trang n" on every page."""
    document = pymupdf.open()
    for number in range(1, pages + 1):
        document.new_page(width=width, height=height).insert_text((72, 72), f"Trang {number}")
    return saved(document)


def slips(pages: int) -> bytes:
    """A PDF of so many narrow pages, each drawn in a fifteenth of the time: for tests that count pages."""
    return pdf(pages, height=56)


def saved(document: pymupdf.Document, **options: object) -> bytes:
    """The document's bytes."""
    target = io.BytesIO()
    document.save(target, **options)
    return target.getvalue()
