"""Images and words of pages: made once, when somebody asks for them or ahead of everybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

from server.blobs import LocalBlobs, Sha256
from server.documents.broken import BrokenPages
from server.documents.limits import STANDARD_WIDTH
from server.documents.page_folder import PageFolder
from server.documents.papers import PaperId, Version, VersionId
from server.documents.preparing import FIRST_WIDTHS
from server.documents.renderers import AHEAD, READER, Renderers
from server.documents.worker_files import OUTLINE_FILE, words_file
from server.errors import NotFound, Problem

log = logging.getLogger("hopso.documents")

VersionOf = Callable[[VersionId], Awaitable[tuple[PaperId, Version]]]
MOST_BROKEN_PAGES = 3
"""After so many pages that cannot be drawn, the rest is left until somebody asks for it."""
WORDS = 0
"""Stands for a page's words where a width stands for an image."""
OUTLINE = -1
"""Stands likewise for the table of contents of the whole version; its page is 0."""


class Drawing:
    """Draws the pages of all versions, one worker for each."""

    def __init__(self, pages: PageFolder, renderers: Renderers, blobs: LocalBlobs, version_of: VersionOf) -> None:
        self.broken = BrokenPages(pages)
        self._pages = pages
        self._renderers = renderers
        self._blobs = blobs
        self._version_of = version_of
        self._under_way: dict[tuple[VersionId, int, int], asyncio.Task[Path]] = {}

    async def close(self) -> None:
        """Stop drawing for those who asked."""
        drawing = list(self._under_way.values())
        for page in drawing:
            page.cancel()
        await asyncio.gather(*drawing, return_exceptions=True)

    async def image(self, version: VersionId, page: int, width: int) -> Path:
        """The WebP file of a page, drawn now if nobody asked for it before. `NotFound("page.out_of_range")`."""
        path = self._pages.image(version, page, width)
        return path if path.exists() else await self._once(version, page, width)

    async def words(self, version: VersionId, page: int) -> Path:
        """The JSON file of a page's words, likewise."""
        path = self._pages.text(version, page)
        return path if path.exists() else await self._once(version, page, WORDS)

    async def outline(self, version: VersionId) -> Path:
        """The JSON file of the version's table of contents, likewise."""
        path = self._pages.outline(version)
        return path if path.exists() else await self._once(version, 0, OUTLINE)

    async def images_ahead(self, version: Version) -> AsyncIterator[int]:
        """Draw what nobody has asked for yet; after each page, how many are done."""
        missing = self._pages.missing(version.id, version.pages, STANDARD_WIDTH)
        done = version.pages - len(missing)
        async for _ in self._ahead(version, missing, lambda page: self._draw(version.id, page, FIRST_WIDTHS, AHEAD)):
            done += 1
            yield done

    async def words_ahead(self, version: Version) -> None:
        """Read the words of pages nobody has asked for yet.

        When a paper is pushed or replaced, all tablets bring them, and marks and amendments look for their places in
        them; the worker that has the paper open may be gone by then.
        """
        missing = [page for page in range(1, version.pages + 1) if not self._pages.text(version.id, page).exists()]
        async for _ in self._ahead(version, missing, lambda page: self._read(version.id, page, AHEAD)):
            pass

    async def _ahead(
        self, version: Version, pages: Sequence[int], make: Callable[[int], Awaitable[None]]
    ) -> AsyncIterator[int]:
        broken = 0
        for page in pages:
            try:
                await make(page)
            except Problem as problem:
                broken += 1
                log.warning("version %s, page %s: %s", version.id, page, problem.code)
                if broken == MOST_BROKEN_PAGES:
                    return
            yield page

    async def _once(self, version: VersionId, page: int, width: int) -> Path:
        """A thousand tablets may ask for the same page at the same moment: it is drawn once."""
        key = (version, page, width)
        if key not in self._under_way:
            self._under_way[key] = asyncio.create_task(self._made(version, page, width))
            self._under_way[key].add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(self._under_way[key])

    async def _made(self, version: VersionId, page: int, width: int) -> Path:
        _, known = await self._version_of(version)
        if width == OUTLINE:
            await self._read(version, 0, READER)
            return self._pages.outline(version)
        if not 1 <= page <= known.pages:
            raise NotFound("page.out_of_range", pages=known.pages)
        if width == WORDS:
            await self._read(version, page, READER)
            return self._pages.text(version, page)
        await self._draw(version, page, FIRST_WIDTHS if width in FIRST_WIDTHS else [width], READER)
        return self._pages.image(version, page, width)

    async def _draw(self, version: VersionId, page: int, widths: list[int], priority: int) -> None:
        if all(self._pages.image(version, page, width).exists() for width in widths):
            return
        self.broken.check(version, page, str(widths[0]))
        async with self._renderers.using(version, self._blobs.path(Sha256(version)), priority) as session:
            with self.broken.noted(version, page, str(widths[0])):
                await self._renderers.ask(session, "render", page=page, widths=widths)
            self._pages.take(version, session.folder, *(f"{page}-{width}.webp" for width in widths))

    async def _read(self, version: VersionId, page: int, priority: int) -> None:
        """The words of a page; of page 0, the outline."""
        file, asked = (words_file(page), {"page": page}) if page else (OUTLINE_FILE, {})
        if (self._pages.text(version, page) if page else self._pages.outline(version)).exists():
            return
        self.broken.check(version, page, "text")
        async with self._renderers.using(version, self._blobs.path(Sha256(version)), priority) as session:
            with self.broken.noted(version, page, "text"):
                await self._renderers.ask(session, "text" if page else "outline", **asked)
            self._pages.take(version, session.folder, file)
