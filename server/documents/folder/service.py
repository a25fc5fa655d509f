"""Personal folders: as safe as the meetings' papers, within limits, and really gone when they are removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator

import msgspec

from server.documents.folder.store import FolderStore
from server.documents.names import retitled
from server.documents.owners import shelf_of
from server.documents.papers import Paper, PaperId
from server.documents.service import Papers
from server.errors import NotFound, Refused, TooLarge


class Shelved(msgspec.Struct, frozen=True):
    """Somebody's folder as they see it."""

    papers: list[Paper]
    """Oldest first."""
    octets: int
    """What the files as they were sent take."""
    most_papers: int
    most_octets: int


class _Coming(msgspec.Struct, eq=False):
    """An upload under way, as large as it is by now, and what its owner had when it began or has got since."""

    person: str
    kept: int = 0
    octets: int = 0


class Folders:
    """The folders of all people. Whoever is named here is the owner: the doors see to that."""

    def __init__(self, papers: Papers) -> None:
        self.papers = papers
        self.store = FolderStore(papers.store.db)
        self.most_papers = papers.settings.own_papers
        self.most_mb = papers.settings.own_mb
        self._coming: list[_Coming] = []

    async def of(self, person: str) -> Shelved:
        """What somebody keeps, and how much they may."""
        kept = await self.papers.on_shelf(shelf_of(person))
        return Shelved(kept, await self._octets(person), self.most_papers, self.most_mb << 20)

    async def receive(self, person: str, name: str, chunks: AsyncIterable[bytes]) -> Paper:
        """One more paper. `Refused("folder.too_many")`, `TooLarge("folder.full")`, `TooLarge("paper.too_large")`."""
        coming = _Coming(person)
        self._coming.append(coming)  # before it is asked how much there is: what comes meanwhile is then counted, too
        try:
            if len(await self.papers.on_shelf(shelf_of(person))) + len(self._others(person)) > self.most_papers:
                raise Refused("folder.too_many", most=self.most_papers)
            there = await self._octets(person)
            coming.kept += there
            paper = await self.papers.receive(person, shelf_of(person), name, self._counted(coming, chunks))
        finally:
            self._coming.remove(coming)
        for each in self._others(person):
            each.kept += coming.octets
        return paper

    async def rename(self, person: str, paper: PaperId, title: str) -> Paper:
        """The paper under another title; what kind of file it is goes on standing in its name."""
        name = retitled((await self._own(person, paper)).name, title)
        await self.papers.store.change(paper, name=name)
        return await self._own(person, paper)

    async def redraw(self, person: str, paper: PaperId) -> Paper:
        """Try again to draw pages that could not be drawn."""
        await self._own(person, paper)
        await self.papers.redraw(paper)
        return await self._own(person, paper)

    async def remove(self, person: str, paper: PaperId) -> None:
        """The paper is gone: its rows and private ink, its pages, its files unless another paper came from the same."""
        await self._own(person, paper)
        removed = await self.store.remove(paper, person)
        await self.papers.discard(removed.versions, removed.originals)

    async def _own(self, person: str, paper: PaperId) -> Paper:
        """The paper, provided it is theirs; of others' they do not learn that there is one."""
        found = await self.papers.paper(paper)
        if found.shelf != shelf_of(person):
            raise NotFound("paper.unknown")
        return found

    async def _octets(self, person: str) -> int:
        paths = [self.papers.blobs.path(file) for file in await self.store.originals(shelf_of(person))]
        return await asyncio.to_thread(lambda: sum(path.stat().st_size for path in paths if path.exists()))

    def _others(self, person: str) -> list[_Coming]:
        return [each for each in self._coming if each.person == person]

    async def _counted(self, coming: _Coming, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """The pieces as they come, until the folder is full: what comes by other uploads meanwhile counts, too."""
        async for chunk in chunks:
            coming.octets += len(chunk)
            if coming.kept + sum(each.octets for each in self._others(coming.person)) > self.most_mb << 20:
                raise TooLarge("folder.full", limit_mb=self.most_mb)
            yield chunk
