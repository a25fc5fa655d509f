"""Finding pages in the papers of all meetings: only what whoever asks may read now is found, shown and counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

import msgspec

from server.documents.papers import VersionId
from server.documents.search.query import Piece, Query, excerpt
from server.documents.search.service import Search
from server.documents.search.store import Matching, Page
from server.documents.service import Papers
from server.http import Visitor
from server.joints.papers import hands_out
from server.joints.search.reach import Reach
from server.meetings.meeting import Meeting, Paper
from server.meetings.service import Meetings
from server.meetings.store import Held

PAPERS_AT_ONCE = 10
PAGES_OF_A_PAPER = 3
"""Of each paper, at first."""
PAGES_AT_ONCE = 20
"""When all pages of one paper are asked for."""
MOST_SKIPPED = 1_000_000


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is looked for: words, and where."""

    words: Annotated[str, msgspec.Meta(max_length=300)]
    since: int = 0
    until: int = 0
    """Meetings that begin from one moment to before the other; 0: whenever."""
    kind: Annotated[str, msgspec.Meta(max_length=64)] = ""
    paper: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """All pages of this paper, instead of papers with their first ones."""
    skip: Annotated[int, msgspec.Meta(ge=0, le=MOST_SKIPPED)] = 0
    """Papers, or pages of the one paper, that were shown before."""


class FoundPage(msgspec.Struct, frozen=True):
    """A page on which everything stands."""

    page: int
    pieces: tuple[Piece, ...] = ()
    """Some of its words; none where the text is not handed out."""


class FoundPaper(msgspec.Struct, frozen=True):
    """A paper with such pages."""

    paper: str
    title: str
    item: str
    """The title of its item."""
    pages: int
    """How many of its pages."""
    withheld: bool
    """Its words are shown on its pages alone, with the reader's name on them."""
    found: tuple[FoundPage, ...]


class FoundMeeting(msgspec.Struct, frozen=True):
    """A meeting with such papers."""

    meeting: str
    title: str
    kind: str
    phase: str
    starts_at: int
    papers: tuple[FoundPaper, ...]


class Found(msgspec.Struct, frozen=True):
    """A part of all that was found, the newest meetings first."""

    meetings: tuple[FoundMeeting, ...]
    papers: int
    pages: int
    """How many there are in all."""
    left: int
    """Papers, or pages of the one paper, after these."""
    reading: bool
    """Words of some papers are not kept yet: later there may be more."""


class SearchDesk:
    """Knows where words stand, and who may read them."""

    def __init__(self, meetings: Meetings, papers: Papers) -> None:
        self.meetings = meetings
        self.search = Search(meetings.db, papers)
        self.reach = Reach(meetings)
        self.run, self.heard = self.search.run, self.search.heard

    async def find(self, visitor: Visitor, wanted: Wanted) -> Found:
        """What of it this visitor may read; `Refused("search.no_words")`."""
        query, matching = await self.search.matching(wanted.words)
        by_shelf = {one.id: one for one in await self.reach.held(visitor, {one.shelf for one in matching})}
        held = [one for one in by_shelf.values() if _within(one, wanted)]
        readable = await self.reach.readable(visitor, held)
        found = [
            one for one in matching if one.version in readable.get(one.shelf, ()) and wanted.paper in ("", one.paper)
        ]
        found.sort(key=lambda one: (-by_shelf[one.shelf].starts_at, one.shelf, one.paper))
        window = (wanted.skip, PAGES_AT_ONCE) if wanted.paper else (0, PAGES_OF_A_PAPER)
        shown = found if wanted.paper else found[wanted.skip : wanted.skip + PAPERS_AT_ONCE]
        groups = [(by_shelf[shelf], list(group)) for shelf, group in groupby(shown, lambda one: one.shelf)]
        meetings = [await self._meeting(held, group, query, window) for held, group in groups]
        pages = sum(one.pages for one in found)
        rest = pages - wanted.skip - window[1] if wanted.paper else len(found) - wanted.skip - PAPERS_AT_ONCE
        unread = await self.search.store.unread()
        return Found(tuple(meetings), len(found), pages, max(0, rest), unread is not None)

    async def _meeting(
        self, held: Held, group: Sequence[Matching], query: Query, window: tuple[int, int]
    ) -> FoundMeeting:
        async with self.meetings.db.reading() as connection:
            _, meeting = await self.meetings.caught_up(connection, held.id)
        # A paper that was taken off or replaced a moment ago is not shown any more.
        here = [one for one in group if one.paper in meeting.papers]
        papers = [await self._paper(meeting, one, query, window) for one in here]
        return FoundMeeting(held.id, held.title, held.kind, held.phase, held.starts_at, tuple(papers))

    async def _paper(self, meeting: Meeting, one: Matching, query: Query, window: tuple[int, int]) -> FoundPaper:
        paper = meeting.papers[one.paper]
        pages = await self.search.pages(VersionId(one.version), query, window)
        withheld = not hands_out(meeting, paper.id)
        # To look through twenty pages takes some milliseconds, which is long for those who vote meanwhile.
        found = await asyncio.to_thread(lambda: [_page(page, query, withheld) for page in pages])
        return FoundPaper(paper.id, paper.title, _item_of(meeting, paper), one.pages, withheld, tuple(found))


def _within(one: Held, wanted: Wanted) -> bool:
    later = not wanted.until or one.starts_at < wanted.until
    return one.starts_at >= wanted.since and later and wanted.kind in ("", one.kind)


def _page(page: Page, query: Query, withheld: bool) -> FoundPage:
    number, words = page
    return FoundPage(number) if withheld else FoundPage(number, excerpt(words, query))


def _item_of(meeting: Meeting, paper: Paper) -> str:
    return next((item.title for item in meeting.items if item.id == paper.item), "")
