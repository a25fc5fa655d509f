"""The papers of the agenda's items, and who may read them; their files are in the documents room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from msgspec.structs import replace

from server.errors import Refused
from server.meetings.acts import BEFORE_CLOSING, Audience, By, Command, Event, Moment, Row
from server.meetings.guests import invited_to, sees_item
from server.meetings.meeting import Meeting, Paper
from server.meetings.roles import DESK, DESK_AND_SECRETARY, PREPARERS, Role
from server.meetings.words import Id, Line, Short, Title

Readers = Literal["all", "members", "named"]


class AttachPaper(Command, tag="paper.attach"):
    """A preparer puts a paper on an item; during the meeting too, and then everybody may open it at once."""

    paper: Id
    item: Id
    title: Title
    short: Short
    kind: Line = ""
    readers: Readers = "all"
    named: tuple[Id, ...] = ()
    screen_only: bool = False
    permits: ClassVar = PREPARERS | DESK
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        meeting.item(self.item)
        if self.paper in meeting.papers:
            raise Refused("paper.attached")
        for person in self.named:
            meeting.member(person)
        attached = Paper(self.paper, self.item, self.title, self.short, self.kind)
        for_whom = replace(attached, readers=self.readers, named=self.named)
        yield PaperAttached(replace(for_whom, screen_only=self.screen_only))


class PaperAttached(Event, tag="paper.attached"):
    """An item has one more paper."""

    paper: Paper

    def audience(self, meeting: Meeting) -> Audience:
        return readers_of(meeting, self.paper)

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_paper(self.paper)


class RenamePaper(Command, tag="paper.rename"):
    """A preparer gives an attached paper other words; its file, readers and place stay."""

    paper: Id
    title: Title
    short: Short
    permits: ClassVar = PREPARERS
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        paper = meeting.paper(self.paper)
        if (paper.title, paper.short) != (self.title, self.short):
            yield PaperRenamed(self.paper, self.title, self.short)


class PaperRenamed(Event, tag="paper.renamed"):
    """A paper is called otherwise."""

    paper: Id
    title: Title
    short: Short

    def audience(self, meeting: Meeting) -> Audience:
        return readers_of(meeting, meeting.papers.get(self.paper))

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_paper(replace(meeting.paper(self.paper), title=self.title, short=self.short))


class RestrictPaper(Command, tag="paper.restrict"):
    """A preparer, or the desk, lets a paper be read on the screen only, neither saved nor printed by anybody; or lets
    it be taken along again. Who may read it stays."""

    paper: Id
    screen_only: bool
    permits: ClassVar = PREPARERS | DESK
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.paper(self.paper).screen_only != self.screen_only:
            yield PaperRestricted(self.paper, self.screen_only)


class PaperRestricted(Event, tag="paper.restricted"):
    """A paper may be read on the screen only from now on, or be taken along again."""

    paper: Id
    screen_only: bool

    def audience(self, meeting: Meeting) -> Audience:
        return readers_of(meeting, meeting.papers.get(self.paper))

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_paper(replace(meeting.paper(self.paper), screen_only=self.screen_only))


class DetachPaper(Command, tag="paper.detach"):
    """A preparer takes a paper off its item; one that is on screen must be taken down first."""

    paper: Id
    permits: ClassVar = PREPARERS
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        meeting.paper(self.paper)
        if meeting.shown is not None and meeting.shown.paper == self.paper:
            raise Refused("paper.on_screen")
        yield PaperDetached(self.paper)


class PaperDetached(Event, tag="paper.detached"):
    """An item has one paper less."""

    paper: Id

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, papers={key: p for key, p in meeting.papers.items() if key != self.paper})


def kept_back(meeting: Meeting, paper: Paper) -> bool:
    """Whether nobody is handed its file or its text, the desk included: its pages are seen under the reader's name. So
    it is with all papers of an internal meeting."""
    return meeting.internal or paper.readers == "named" or paper.screen_only


def readers_of(meeting: Meeting, paper: Paper | None) -> Audience:
    """Who may read a paper: None for everybody admitted; else those allowed, and the desk and the secretary.

    Guests of certain items read what belongs to these. A paper for named readers is theirs until the meeting is closed.
    Of one that was taken off nobody knows any more for whom it was: the desk and the secretary.
    """
    if paper is not None and paper.readers == "all":
        return sees_item(meeting, paper.item)
    readers = "" if paper is None else paper.readers
    allowed = set(paper.named) if paper is not None and readers == "named" and meeting.phase != "closed" else set()
    for person in meeting.members:
        roles = meeting.roles_of(person)
        if roles & DESK_AND_SECRETARY or (readers == "members" and Role.GUEST not in roles):
            allowed.add(person)
    return frozenset(allowed)


def is_reader(meeting: Meeting, paper: Paper | None, person: str) -> bool:
    """Whether one principal is among `readers_of`, without asking who else is: with a thousand members that is what it
    costs to let one of them in."""
    if paper is not None and paper.readers == "all":
        return invited_to(meeting, paper.item, person)
    readers = "" if paper is None else paper.readers
    if paper is not None and readers == "named" and meeting.phase != "closed" and person in paper.named:
        return True
    roles = meeting.roles_of(person)
    is_of_readers = bool(roles & DESK_AND_SECRETARY) or (readers == "members" and Role.GUEST not in roles)
    return is_of_readers and person in meeting.members


def readers_by_name(meeting: Meeting, paper: Paper | None) -> frozenset[str] | None:
    """The same, as principals of the meeting one by one; None for everybody admitted."""
    readers = readers_of(meeting, paper)
    return None if readers is None else frozenset(who for who in (*meeting.members, *meeting.sites) if who in readers)
