"""Papers lie in the documents room; who may read, add and draw is decided by their meeting."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection, Iterable

import msgspec

from server.documents.marks import LayerRights
from server.documents.owners import owner_of
from server.documents.papers import Handling, Paper, PaperId, State, VersionId
from server.documents.service import OnChange, Papers
from server.errors import Forbidden, NotFound, Problem
from server.http import Visitor
from server.joints.conference import concerns
from server.joints.sketch import gone_from, screen_of
from server.meetings.acts import unless_stopped
from server.meetings.arrivals import PaperPrepared
from server.meetings.meeting import Meeting
from server.meetings.pages import PRESENTERS
from server.meetings.papers import kept_back, readers_by_name
from server.meetings.roles import ATTENDEES, DESK, DESK_AND_SECRETARY, PREPARERS
from server.meetings.routes import asker_of
from server.meetings.service import HOUSE, Asker, Meetings, roles, stream_of
from server.meetings.views import may_read, whose_rights_changed
from server.meetings.votes import desk_of
from server.records.wording import local
from server.streams import StreamId

log = logging.getLogger("hopso.views")

EVERY_LAYER = frozenset({"mine", "all"})
OWN_LAYER = frozenset({"mine"})
"""One's own papers have no reader but their owner."""
BESIDE = ("opinions:", "screen:", "minutes:")
"""Streams that carry the id of their meeting."""


class PaperRights:
    """Answers the documents room's questions out of the meeting a paper belongs to (its shelf)."""

    def __init__(self, meetings: Meetings, papers: Papers) -> None:
        self.meetings = meetings
        self.papers = papers
        self._paper_of: dict[str, tuple[str, str]] = {}
        """Paper or version → (meeting, paper); both never change."""

    async def may_read(self, visitor: Visitor, paper_or_version: str) -> bool:
        """Whether this visitor may open it, see `opens`. While the system is stopped nobody may, and is told so:
        `Refused("meeting.stopped")`, here and for what follows from it."""
        try:
            meeting_id, paper = await self._whereabouts(paper_or_version)
            if owner_of(meeting_id):
                return owner_of(meeting_id) == visitor.person and not visitor.only_meeting
            asker = asker_of(visitor, meeting_id)
            _, meeting = await self.meetings.admitted(meeting_id, asker)
        except Problem:
            return False
        unless_stopped(meeting)
        return opens(meeting, paper, asker)

    async def may_write(self, visitor: Visitor, shelf: str) -> bool:
        """Those who prepare the meeting, or steer it, add papers."""
        try:
            asker = asker_of(visitor, shelf)
            _, meeting = await self.meetings.admitted(shelf, asker)
        except Problem:
            return False
        unless_stopped(meeting)
        return bool(roles(meeting, asker) & (PREPARERS | DESK)) and meeting.phase != "closed"

    async def layer_rights(self, visitor: Visitor, version: str) -> LayerRights:
        """Everybody keeps private ink; the desk reads what is for the desk; presenters draw for everyone."""
        if not await self.may_read(visitor, version):
            return LayerRights()
        meeting_id, _ = await self._whereabouts(version)
        if owner_of(meeting_id):
            return LayerRights(OWN_LAYER, OWN_LAYER)
        _, meeting = await self.meetings.standing(meeting_id)
        held = roles(meeting, asker_of(visitor, meeting_id))
        desk = bool(held & DESK_AND_SECRETARY)
        takes_part = bool(held & ATTENDEES)
        for_all = bool(held & PRESENTERS) or (meeting.rules.ink_for_all and takes_part)
        read = EVERY_LAYER | ({"desk"} if desk else set())
        write = ({"mine"} | ({"desk"} if takes_part else set()) | ({"all"} if for_all else set())) if held else set()
        return LayerRights(frozenset(read), frozenset(write), tidies=desk)

    def may_point(self, visitor: Visitor, version: str) -> bool:
        """Whoever presents points at the paper that is shown, as the meeting stands at this moment."""
        meeting_id, paper = self._paper_of.get(version, ("", ""))
        standing = self.meetings.at_hand(meeting_id)
        if standing is None or standing[1].shown is None or standing[1].shown.paper != paper:
            return False
        try:
            return bool(roles(standing[1], asker_of(visitor, meeting_id)) & PRESENTERS)
        except Forbidden:
            return False

    async def handling(self, visitor: Visitor, paper_or_version: str) -> Handling:
        """A paper for named readers, for the screen only, or of an internal meeting carries the reader's name on every
        page and is never handed out as a file."""
        meeting_id, paper = await self._whereabouts(paper_or_version)
        if owner_of(meeting_id):
            return Handling()
        _, meeting = await self.meetings.standing(meeting_id)
        if hands_out(meeting, paper):
            return Handling()
        member = meeting.members.get(visitor.person)
        unit = member.unit_short or member.unit if member else visitor.unit
        moment = local(self.meetings.clock.now())
        return Handling(stamp=f"{visitor.name} · {unit} · {moment:%H:%M %d/%m/%Y}", may_save=False)

    async def viewed(self, visitor: Visitor, version: VersionId, page: int) -> None:
        """Every page somebody sees of such a paper is logged."""
        meeting_id, paper = await self._whereabouts(version)
        log.info("page viewed: meeting %s, paper %s, page %s, person %s", meeting_id, paper, page, visitor.person)

    def desk_of(self, version: str) -> frozenset[str]:
        """The chair, the deputy and the secretaries of the meeting this version belongs to."""
        known = self._paper_of.get(version)
        standing = self.meetings.at_hand(known[0]) if known else None
        return desk_of(standing[1]) if standing else frozenset()

    async def look(self, followed: Collection[StreamId]) -> None:
        """See how the meetings stand on which followed streams hang and which are not followed here themselves: of them
        other processes say nothing to this one, and whoever lost a right there would keep it here."""
        for stream in self.meetings_of(followed).difference(followed):
            with contextlib.suppress(Problem):
                await self.meetings.standing(stream.removeprefix("meeting:"))

    def meetings_of(self, streams: Iterable[StreamId]) -> set[StreamId]:
        """The meetings that hang on these streams: they themselves, those whose papers are being drawn on or written
        about, those over whose shared screen is drawn, whose minutes are written; by how they stand it is decided who
        sees that."""
        drawn_on = (self._paper_of.get(stream.split(":")[1]) for stream in streams if stream.startswith("ink:"))
        books = (stream.partition(":")[2] for stream in streams if stream.startswith(BESIDE))
        return {*streams, *(stream_of(known[0]) for known in drawn_on if known), *map(stream_of, books)}

    async def _whereabouts(self, paper_or_version: str) -> tuple[str, str]:
        known = self._paper_of.get(paper_or_version)
        if known is None:
            paper_id = PaperId(paper_or_version)
            if len(paper_or_version) == 64:
                paper_id, _ = await self.papers.version(VersionId(paper_or_version))
            paper = await self.papers.paper(paper_id)
            known = (paper.shelf, paper.id)
            if not owner_of(paper.shelf):  # a meeting's papers stay; one's own are asked for anew: they may be removed
                self._paper_of[paper_or_version] = known
        return known


def opens(meeting: Meeting, paper: str, asker: Asker) -> bool:
    """Whether somebody who is admitted to the meeting may open a paper: whoever sees it there; those who prepare, while
    it is not restricted to anybody: in a draft, and where it is for everyone. Of one that is not attached, or was taken
    off, nobody knows for whom it is: the desk and the secretary. Nobody while the system is stopped."""
    if meeting.stopped:
        return False
    known = meeting.papers.get(paper)
    if known is not None and may_read(meeting, paper, asker.person):
        return True
    held = roles(meeting, asker)
    if known is None and meeting.phase != "draft":
        return bool(held & DESK_AND_SECRETARY)
    is_restricted = known is not None and known.readers != "all" and meeting.phase != "draft"
    return not is_restricted and bool(held & (PREPARERS | DESK))


def hands_out(meeting: Meeting, paper: str) -> bool:
    """Whether readers of this paper may have its words and its file. Once the meeting is published, or where it is an
    internal one, nobody has those of a paper either that is not attached: else one would take it off to have it."""
    known = meeting.papers.get(paper)
    if known is None:
        return meeting.phase == "draft" and not meeting.internal
    return not kept_back(meeting, known)


def admitted_anew(
    before: Meeting, after: Meeting, followed: Iterable[tuple[str, StreamId]]
) -> set[tuple[StreamId, str]]:
    """Who must be admitted again, or sent away, and where; `followed` says who follows what.

    Whose rights changed: everywhere, for ink and minutes hang on the meeting. Everybody: at the ink of papers that were
    taken off, and at the book, for what is written about these is its authors' and the desk's alone. Who is outside the
    conference from now on: at what is drawn over the shared screen.
    """
    changed = whose_rights_changed(before, after)
    taken_off = [paper for key, paper in before.papers.items() if key not in after.papers]
    gone = (*(f"ink:{p.version}:" for p in taken_off if p.version), *(f"opinions:{after.id}" for _ in taken_off[:1]))
    if not (changed or gone or concerns(before, after)):
        return set()  # before anybody is looked at: a page is turned for a thousand
    followed = list(followed)
    again = {(stream, person) for person, stream in followed if person in changed or stream.startswith(gone)}
    drawing = gone_from(before, after, [person for person, stream in followed if stream == screen_of(after.id)])
    concerned = {(stream_of(after.id), person) for person in changed}
    return again | concerned | {(screen_of(after.id), person) for person in drawing}


class PaperNews(msgspec.Struct, frozen=True):
    """How a paper's preparation goes, for the desk's lists."""

    paper: str
    state: str
    pages: int = 0
    rendered: int = 0
    broken: int = 0
    """Pages that could not be drawn."""
    code: str = ""
    details: dict[str, object] = {}


def news_of(paper: Paper) -> PaperNews:
    """The progress of a paper as it is shown live."""
    version = paper.version
    pages, rendered, broken = (version.pages, version.rendered, version.broken) if version else (0, 0, 0)
    return PaperNews(paper.id, paper.state, pages, rendered, broken, paper.code, paper.details)


def of_meetings(heard: OnChange) -> OnChange:
    """Hears of the meetings' papers; of somebody's own nobody is told."""
    return lambda paper: None if owner_of(paper.shelf) else heard(paper)


def hearers_of(meeting: Meeting | None, paper: str) -> frozenset[str] | None:
    """Who hears how a paper's preparation goes: its readers (None: everybody), the desk until it is attached."""
    if meeting is None:
        return frozenset()
    return readers_by_name(meeting, meeting.papers[paper]) if paper in meeting.papers else desk_of(meeting)


async def tell_meeting(meetings: Meetings, papers: Papers, paper_id: str) -> None:
    """The meeting learns that one of its papers is ready, has a new version, or was refused."""
    try:
        paper = await papers.paper(PaperId(paper_id))
        _, meeting = await meetings.standing(paper.shelf)
    except NotFound:
        return
    known = meeting.papers.get(paper_id)
    if known is None or (paper.version is None and paper.state is not State.REFUSED):
        return
    if paper.version is None or (known.state, known.version) != ("ready", paper.version.id):
        # Said after each drawn page as well: what the meeting knows costs no commit.
        await meetings.perform(meeting.id, HOUSE, meetings.clock.fresh_id(), _prepared(paper))


def _prepared(paper: Paper) -> PaperPrepared:
    if paper.version is None:
        return PaperPrepared(paper.id, "refused", problem=paper.code)
    return PaperPrepared(paper.id, "ready", version=paper.version.id, pages=paper.version.pages)
