"""Finding pages by their words: keeps the words of all papers people read now, and looks them up."""

from __future__ import annotations

import asyncio
import logging

import msgspec

from server.db import Database
from server.documents.papers import Paper, VersionId
from server.documents.passages import PageWords
from server.documents.search.query import Query, read
from server.documents.search.store import Matching, Page, Unread, WordStore
from server.documents.service import Papers
from server.leases import Leases

log = logging.getLogger("hopso.search")

LEASE = "words of pages"
"""Of several processes one writes them."""
LOOK_EVERY_S = 20.0
PAGES_AT_ONCE = 8
"""Of one transaction: a vote that comes meanwhile waits for some milliseconds."""
PAUSE_S = 0.02
SEARCHES_AT_ONCE = 2
"""A search over everything takes a core for a moment; who comes with more of them waits."""


class Search:
    """The words of all pages. `run` brings them up to date, also those of papers that were here before."""

    def __init__(self, db: Database, papers: Papers) -> None:
        self.papers = papers
        self.store = WordStore(db)
        self._leases = Leases(db, papers.clock, papers.clock.fresh_id())
        self._news = asyncio.Event()
        self._turns = asyncio.Semaphore(SEARCHES_AT_ONCE)

    def heard(self, paper: Paper) -> None:
        """A paper stands differently (`Papers.on_change`)."""
        if paper.version is not None:
            self._news.set()

    async def run(self) -> None:
        """Keep up, for as long as the process lives."""
        while True:
            self._news.clear()
            try:
                await self.catch_up()
            except Exception:  # the database may be away for a while
                log.exception("the words of pages could not be kept; trying again")
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def catch_up(self) -> None:
        """Keep the words of all pages that are not kept yet, newest papers first; forget those of replaced versions."""
        if await self.store.unread() is None and not await self.store.has_left():
            return
        async with self._leases.held(LEASE) as ours:
            while ours and (unread := await self.store.unread()):
                await self._keep(unread)
            while ours and await self.store.forget_one(PAGES_AT_ONCE):
                await self._pause()

    async def matching(self, words: str) -> tuple[Query, list[Matching]]:
        """What these words ask for, and all versions where it stands; whoever asks must say which are for whom.

        `Refused("search.no_words")`.
        """
        query = read(words)
        async with self._turns:
            return query, await self.store.matching(query)

    async def pages(self, version: VersionId, query: Query, window: tuple[int, int]) -> list[Page]:
        """Pages of a version where everything stands; of `window` see the store."""
        return await self.store.pages(version, query, window)

    async def _keep(self, unread: Unread) -> None:
        _, version = await self.papers.version(unread.version)
        await self.papers.drawing.words_ahead(version)
        for first in range(unread.read + 1, unread.pages + 1, PAGES_AT_ONCE):
            numbers = range(first, min(first + PAGES_AT_ONCE, unread.pages + 1))
            await self.store.keep(version.id, await asyncio.to_thread(self._pages, version.id, numbers))
            await self._pause()

    @staticmethod
    async def _pause() -> None:
        """Others write now."""
        await asyncio.sleep(PAUSE_S)

    def _pages(self, version: VersionId, numbers: range) -> list[Page]:
        return [(page, self._words(version, page)) for page in numbers]

    def _words(self, version: VersionId, page: int) -> str:
        """The words of a page; none of one that cannot be read."""
        file = self.papers.pages.text(version, page)
        if not file.exists():
            return ""
        return " ".join(word[4] for word in msgspec.json.decode(file.read_bytes(), type=PageWords).words)
