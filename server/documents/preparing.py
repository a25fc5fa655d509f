"""From a file somebody sent to a version people read: inspect, convert, sanitise, draw the first page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from server.blobs import LocalBlobs, Sha256
from server.config import DocumentSettings
from server.documents.kinds import Kind
from server.documents.limits import STANDARD_WIDTH, THUMBNAIL_WIDTH, PageSize
from server.documents.office import Office
from server.documents.page_folder import PageFolder
from server.documents.papers import PaperId, State, Version, VersionId
from server.documents.renderers import Renderers
from server.documents.sandbox import Session
from server.documents.worker_files import CLEAN_FILE

FIRST_WIDTHS = [STANDARD_WIDTH, THUMBNAIL_WIDTH]
Announce = Callable[[State], Awaitable[None]]


class Order(msgspec.Struct, frozen=True):
    """One file to prepare for one paper."""

    paper: PaperId
    original: Sha256
    by: str
    at: int


class Preparation:
    """Prepares one file at a time per worker slot; every step runs in a confined process."""

    def __init__(
        self, blobs: LocalBlobs, pages: PageFolder, renderers: Renderers, office: Office, settings: DocumentSettings
    ) -> None:
        self.blobs = blobs
        self.pages = pages
        self.renderers = renderers
        self.office = office
        self.max_pages = settings.max_pages
        self.check_timeout_s = settings.convert_timeout_s
        self.slots = asyncio.Semaphore(settings.workers)

    async def version(self, order: Order, announce: Announce) -> Version:
        """The version made of the ordered file, its first page drawn. Raises the `Problem` that stands against it."""
        source = self.blobs.path(order.original)
        await announce(State.CHECKING)
        async with self.slots, self._session(source) as session:
            kind = Kind((await session.ask("inspect", self.check_timeout_s))["kind"])
            if kind is Kind.PDF:
                return await self._checked(order, kind, session)
        await announce(State.CONVERTING)
        async with self.office.converted(source, kind) as pdf:
            await announce(State.CHECKING)
            async with self.slots, self._session(pdf) as session:
                return await self._checked(order, kind, session)

    @asynccontextmanager
    async def _session(self, file: Path) -> AsyncIterator[Session]:
        """A worker that is ended with the `with`, unless the renderers have adopted it."""
        session = await self.renderers.open(file)
        try:
            yield session
        finally:
            if not self.renderers.keeps(session):
                await asyncio.shield(session.close())

    async def _checked(self, order: Order, kind: Kind, session: Session) -> Version:
        cleaned = await session.ask("clean", self.check_timeout_s, paper=order.paper, max_pages=self.max_pages)
        sizes = msgspec.convert(cleaned["sizes"], tuple[PageSize, ...])
        file = session.folder / CLEAN_FILE
        octets = file.stat().st_size
        version = VersionId(await self.blobs.put_file(file))
        await self.renderers.ask(session, "render", page=1, widths=FIRST_WIDTHS)
        self.pages.take(version, session.folder, *(f"1-{width}.webp" for width in FIRST_WIDTHS))
        self.renderers.adopt(version, session)
        return Version(version, 0, order.at, order.by, kind, octets, sizes, rendered=1)
