"""The text of a draft, paragraph by paragraph: what amendments are proposed to."""

from __future__ import annotations

import asyncio

import msgspec

from server.documents.papers import VersionId
from server.documents.passages import PageWords, Passage, passages
from server.documents.service import Papers
from server.errors import Refused

MOST_PAGES = 200
"""A paper beyond it is a report, not a draft that is amended word by word."""
KEPT = 16


class Drafts:
    """Paragraphs of papers, by version; a version never changes."""

    def __init__(self, papers: Papers) -> None:
        self.papers = papers
        self._read: dict[VersionId, asyncio.Task[tuple[Passage, ...]]] = {}

    async def passages(self, version: VersionId) -> tuple[Passage, ...]:
        """All paragraphs; `Refused` for a paper too long, or of pictures only (`draft.no_text`)."""
        if version not in self._read:
            while len(self._read) >= KEPT:
                self._read.pop(next(iter(self._read)))
            self._read[version] = asyncio.create_task(self._passages(version))
        try:
            return await asyncio.shield(self._read[version])
        except Exception:
            self._read.pop(version, None)
            raise

    async def _passages(self, version_id: VersionId) -> tuple[Passage, ...]:
        _, version = await self.papers.version(version_id)
        if version.pages > MOST_PAGES:
            raise Refused("draft.too_long", pages=version.pages, limit=MOST_PAGES)
        pages = [await self._page(version_id, page) for page in range(1, version.pages + 1)]
        found = tuple(await asyncio.to_thread(passages, pages))
        if not found:
            raise Refused("draft.no_text")
        return found

    async def _page(self, version: VersionId, page: int) -> PageWords:
        path = await self.papers.page_text(version, page)
        return msgspec.json.decode(await asyncio.to_thread(path.read_bytes), type=PageWords)
