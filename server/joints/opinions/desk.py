"""The drafts that amendments are proposed to, and the tables of what was written, for those who may have them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import msgspec

from server.config import RecordSettings
from server.documents.drafts import Drafts
from server.documents.ink import Ink
from server.documents.marks import Remark, Shared
from server.documents.papers import PaperId, VersionId
from server.documents.passages import Passage
from server.documents.service import Papers
from server.errors import Forbidden, NotFound, Problem, Refused, Unavailable
from server.http import Visitor
from server.joints.opinions.following import followed
from server.joints.opinions.tables import Cards, changes_of, gathering, in_minutes, opinions_of, strangers
from server.meetings.acts import unless_stopped
from server.meetings.meeting import Meeting
from server.meetings.opinions import book
from server.meetings.opinions.carrying import Unread, left_behind
from server.meetings.opinions.service import Opinions
from server.meetings.papers import kept_back
from server.meetings.roles import DESK_AND_SECRETARY
from server.meetings.routes import asker_of
from server.meetings.service import Meetings, roles
from server.meetings.views import may_read
from server.records.course import Course
from server.records.forms import printing

Begin = Callable[[Coroutine[Any, Any, None]], None]
SHARED: frozenset[Shared] = frozenset({"desk", "all"})
"""Ink that its author gave to others; nobody's own is ever listed."""
WHY_NOT: dict[str, Unread] = {"draft.no_text": "no_text", "draft.too_long": "too_long"}
"""Refusals that stay; another may be of a page whose words come when it is tried again."""


class DraftText(msgspec.Struct, frozen=True):
    """A draft as it is amended: the version, and its paragraphs."""

    version: str
    passages: tuple[Passage, ...]


class OpinionDesk:
    """Joins the book with papers, ink and records."""

    def __init__(self, meetings: Meetings, papers: Papers, ink: Ink, settings: RecordSettings, begin: Begin) -> None:
        self.meetings = meetings
        self.papers = papers
        self.ink = ink
        self.settings = settings
        self.drafts = Drafts(papers)
        self.begin = begin
        self._looks: dict[str, asyncio.Task[None]] = {}
        self.opinions = Opinions(meetings, self.passage_of, self.stuck_on, self._proposed)

    async def draft(self, visitor: Visitor, meeting_id: str, paper_id: str) -> DraftText:
        """The text of a paper's published version; nobody gets that of one that is kept back."""
        _, meeting = await self.meetings.seen_by(meeting_id, asker_of(visitor, meeting_id))
        if not may_read(meeting, paper_id, visitor.person) or paper_id not in meeting.papers:
            raise NotFound("paper.unknown")
        unless_stopped(meeting)
        _for_saving(meeting, paper_id)
        version = meeting.papers[paper_id].version
        if not version:
            raise NotFound("paper.not_ready")
        await self.catch_up(meeting_id)
        return DraftText(version, await self.drafts.passages(VersionId(version)))

    async def passage_of(self, meeting_id: str, paper: str, version: str, number: int) -> book.Passage | None:
        """One paragraph of a version of the paper, the newest or an older one."""
        _, meeting = await self.meetings.standing(meeting_id)
        _for_saving(meeting, paper)
        try:
            of_paper, _ = await self.papers.version(VersionId(version))
            if of_paper != paper or paper not in meeting.papers or not await self._is_of(meeting_id, paper):
                return None
            found = await self.drafts.passages(VersionId(version))
        except NotFound:
            return None
        if not 1 <= number <= len(found):
            return None
        return _as_in_book(found[number - 1])

    async def stuck_on(self, meeting_id: str, paper: str, comment: str) -> book.Stuck | None:
        """A comment given to others, on a paper of this meeting."""
        _, meeting = await self.meetings.standing(meeting_id)
        found = await self._remarks(meeting_id, paper) if paper in meeting.papers else []
        return next((_stuck(paper, one) for one in found if one.id == comment), None)

    async def comments(self, visitor: Visitor, meeting_id: str) -> list[book.Stuck]:
        """The sticky comments that wait for an answer, for chair, deputy and secretary."""
        meeting, written = await self._everything(visitor, meeting_id)
        found = [_stuck(paper, one) for paper in meeting.papers for one in await self._remarks(meeting_id, paper)]
        taken = book.known_again(written)
        return [one for one in found if (one.id, one.person, one.paper) not in taken]

    async def opinions_table(self, visitor: Visitor, meeting_id: str, form: str) -> tuple[str, bytes]:
        """The meeting's title, and Bảng tổng hợp ý kiến as `docx` or `xlsx`, for chair, deputy and secretary."""
        meeting, written = await self._everything(visitor, meeting_id)
        remarks = {paper: await self._remarks(meeting_id, paper) for paper in meeting.papers}
        authors = [one.person for one in written.opinions.values()]
        cards = await self._cards(meeting, (*authors, *(one.person for some in remarks.values() for one in some)))
        sections = opinions_of(meeting, written, remarks, cards)
        table = gathering(meeting, sections, self.settings, self.meetings.clock.now())
        printed = printing.opinions_docx if form == "docx" else printing.opinions_xlsx
        return meeting.title, await asyncio.to_thread(printed, table)

    async def changes_table(self, visitor: Visitor, meeting_id: str) -> tuple[str, bytes]:
        """The meeting's title, and Bảng so sánh, tiếp thu with tracked changes, for chair, deputy and secretary."""
        meeting, written = await self._everything(visitor, meeting_id)
        cards = await self._cards(meeting, [one.person for one in written.amendments.values()])
        sections = changes_of(meeting, written, cards)
        table = gathering(meeting, sections, self.settings, self.meetings.clock.now())
        return meeting.title, await asyncio.to_thread(printing.changes_docx, table)

    async def catch_up(self, meeting_id: str) -> None:
        """Bring open amendments over to the versions of their papers that people read now, or keep that it cannot be.

        What cannot be read now (`Unavailable`) is left for the next look. Many ask when a paper is replaced: one looks,
        the others wait and find nothing left.
        """
        if (under_way := self._looks.get(meeting_id)) is not None:
            await asyncio.wait([under_way])
            await self._look(meeting_id)
            return
        look = self._looks[meeting_id] = asyncio.create_task(self._look(meeting_id))
        look.add_done_callback(lambda _: self._looks.pop(meeting_id))
        await look

    async def _look(self, meeting_id: str) -> None:
        _, meeting = await self.meetings.standing(meeting_id)
        _, written = await self.opinions.book(meeting_id)
        waiting: dict[str, set[str]] = {}
        for one in left_behind(written, meeting):
            waiting.setdefault(meeting.papers[one.paper].version, set()).add(one.version)
        for newest, older in waiting.items():
            with contextlib.suppress(Unavailable):  # it keeps nobody from the other papers, nor from the tables
                await self._carry(meeting_id, newest, older)

    async def _carry(self, meeting_id: str, newest: str, older: Iterable[str]) -> None:
        new = await self._passages(newest)
        found = {one: new if isinstance(new, str) else await self._followed(one, new) for one in older}
        await self.opinions.carry(meeting_id, newest, found)

    async def _followed(self, version: str, new: tuple[Passage, ...]) -> dict[int, book.Passage]:
        old = await self._passages(version)
        there = {} if isinstance(old, str) else await asyncio.to_thread(followed, old, new)
        return {number: _as_in_book(passage) for number, passage in there.items()}

    def changed(self, before: Meeting, after: Meeting) -> None:
        """The meeting stands differently (`Meetings.on_change`); begins something only where a paper was replaced."""
        if before.papers is after.papers:
            return
        was = {key: paper.version for key, paper in before.papers.items()}
        if any(was.get(key, "") not in ("", paper.version) for key, paper in after.papers.items()):
            self.begin(self.catch_up(after.id))

    async def _proposed(self, meeting_id: str) -> None:
        """A tablet may have kept a proposal while the paper was replaced."""
        with contextlib.suppress(Problem):  # it is kept; what cannot be looked at now is looked at with the next
            await self.catch_up(meeting_id)

    async def _passages(self, version: str) -> tuple[Passage, ...] | Unread:
        """Why not, of a version whose text cannot be amended; `Unavailable` where a page of it cannot be read yet."""
        try:
            return await self.drafts.passages(VersionId(version))
        except NotFound:
            return "no_text"
        except Refused as problem:
            if problem.code not in WHY_NOT:
                raise Unavailable(problem.code, **problem.details) from problem
            return WHY_NOT[problem.code]

    async def told(self, course: Course, meeting: Meeting) -> Course:
        """The course of a meeting with what became of the amendments."""
        _, written = await self.opinions.book(meeting.id)
        return in_minutes(course, meeting, written)

    async def _everything(self, visitor: Visitor, meeting_id: str) -> tuple[Meeting, book.Book]:
        asker = asker_of(visitor, meeting_id)
        await self.meetings.seen_by(meeting_id, asker)
        _, meeting = await self.meetings.standing(meeting_id)
        if not roles(meeting, asker) & DESK_AND_SECRETARY:
            raise Forbidden("role.not_allowed")
        unless_stopped(meeting)
        await self.catch_up(meeting_id)
        return meeting, (await self.opinions.book(meeting_id))[1]

    async def _remarks(self, meeting_id: str, paper: str) -> list[Remark]:
        try:
            if not await self._is_of(meeting_id, paper):
                return []
            return await self.ink.comments(PaperId(paper), SHARED)
        except NotFound:
            return []

    async def _is_of(self, meeting_id: str, paper: str) -> bool:
        """Whether the paper was brought to this meeting: a meeting's list may name any paper, also somebody else's."""
        return (await self.papers.paper(PaperId(paper))).shelf == meeting_id

    async def _cards(self, meeting: Meeting, people: Iterable[str]) -> Cards:
        unknown = strangers(meeting, people)
        return await self.meetings.around.cards(unknown) if unknown else {}


def _stuck(paper: str, one: Remark) -> book.Stuck:
    return book.Stuck(one.id, one.person, paper, one.page, one.text, "all" if one.layer == "all" else "desk", one.at)


def _as_in_book(passage: Passage) -> book.Passage:
    return book.Passage(passage.number, passage.page, passage.label, passage.text)


def _for_saving(meeting: Meeting, paper_id: str) -> None:
    paper = meeting.papers.get(paper_id)
    if paper is None:
        raise Refused("paper.unknown")
    if kept_back(meeting, paper):
        raise Forbidden("paper.not_to_be_saved")
