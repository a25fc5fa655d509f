"""Pages on screen: what the presenter shows, everybody sees, unless they read alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from msgspec import Meta
from msgspec.structs import replace

from server.errors import Refused
from server.meetings.acts import RUNNING, Audience, By, Command, Event, Moment, Row
from server.meetings.guests import invited_to
from server.meetings.meeting import Meeting, Paper, Shown
from server.meetings.papers import readers_of
from server.meetings.roles import ATTENDEES, DESK, RECORDERS, Role
from server.meetings.words import Id, Line, PageNumber, Share

PRESENTERS = DESK | {Role.SECRETARY, Role.PRESENTER}
Width = Annotated[int, Meta(ge=500, le=10_000)]


class ShowPaper(Command, tag="paper.show"):
    """The presenter shows a paper on every tablet, from some page on."""

    paper: Id
    page: PageNumber = 1
    permits: ClassVar = PRESENTERS

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        paper = meeting.paper(self.paper)
        if paper.state != "ready":
            raise Refused("paper.not_ready")
        if self.page > paper.pages:
            raise Refused("page.out_of_range", pages=paper.pages)
        if readers_of(meeting, paper) is not None and meeting.shown is not None:
            # Those who may not read this paper must not go on seeing the one before as if it were shown.
            yield PaperHidden()
        shown = Shown(self.paper, self.page)
        if meeting.shown != shown:
            yield PaperShown(shown)


class PaperShown(Event, tag="paper.shown"):
    """A paper is on every tablet."""

    shown: Shown

    def audience(self, meeting: Meeting) -> Audience:
        return readers_of(meeting, meeting.papers.get(self.shown.paper))

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, shown=self.shown)


class HidePaper(Command, tag="paper.hide"):
    """The presenter takes the paper down."""

    permits: ClassVar = PRESENTERS

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.shown is not None:
            yield PaperHidden()


class PaperHidden(Event, tag="paper.hidden"):
    """No paper is shown."""

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, shown=None)


class TurnPage(Command, tag="page.turn"):
    """The presenter shows another page of the shown paper on every tablet."""

    paper: Id
    page: PageNumber
    permits: ClassVar = PRESENTERS

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        shown, paper = _shown(meeting, self.paper)
        if self.page > paper.pages:
            raise Refused("page.out_of_range", pages=paper.pages)
        if self.page != shown.page:
            yield PageTurned(self.paper, self.page)


class PageTurned(Event, tag="page.turned"):
    """Another page is on every tablet; the part in view starts whole again."""

    paper: Id
    page: PageNumber

    def audience(self, meeting: Meeting) -> Audience:
        return readers_of(meeting, meeting.papers.get(self.paper))

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, shown=Shown(self.paper, self.page))


class MoveView(Command, tag="view.move"):
    """The presenter zooms or scrolls; the tablets that follow show the same part of the page."""

    paper: Id
    page: PageNumber
    x: Share
    y: Share
    width: Width
    permits: ClassVar = PRESENTERS

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        shown, _ = _shown(meeting, self.paper)
        if shown.page != self.page:
            raise Refused("page.turned_meanwhile")
        moved = Shown(self.paper, self.page, self.x, self.y, self.width)
        if moved != shown:
            yield ViewMoved(moved)


class ViewMoved(Event, tag="view.moved"):
    """Another part of the page is in view."""

    shown: Shown

    def audience(self, meeting: Meeting) -> Audience:
        return readers_of(meeting, meeting.papers.get(self.shown.paper))

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, shown=self.shown)


class HandOverPresenting(Command, tag="presenting.hand_over"):
    """The desk lets somebody present; an empty name takes the presenting back."""

    to: Line
    permits: ClassVar = RECORDERS
    for_chair: ClassVar = frozenset({"open"})

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if self.to:
            meeting.member(self.to)
        if self.to != meeting.presenting:
            yield PresentingHandedOver(self.to)


class TakePresenting(Command, tag="presenting.take"):
    """The desk or the secretary begins to present from the meeting room, where nobody else holds the presenting."""

    permits: ClassVar = RECORDERS

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        holder = meeting.members.get(meeting.presenting)
        if holder is not None and holder.id != by.person:
            # Nobody is interrupted by a tap that was meant to begin: taking it back is another one.
            raise Refused("presenting.held", name=holder.name)
        if meeting.presenting != by.person:
            yield PresentingHandedOver(by.person)


class ReturnPresenting(Command, tag="presenting.return"):
    """The presenter gives the presenting back."""

    permits: ClassVar = frozenset({Role.PRESENTER})

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        yield PresentingHandedOver("")


class PresentingHandedOver(Event, tag="presenting.handed_over"):
    """Somebody else presents now; empty: the desk."""

    to: Line

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, presenting=self.to, asking=_without(meeting.asking, self.to))


class AskToPresent(Command, tag="presenting.ask"):
    """Somebody asks to present ("Xin trình chiếu"); the desk hands it over, or not."""

    permits: ClassVar = ATTENDEES

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if by.roles & PRESENTERS:
            raise Refused("presenting.may_already")
        if meeting.current is not None and not invited_to(meeting, meeting.current.id, by.person):
            raise Refused("floor.not_your_item")
        if by.person not in meeting.asking:
            yield PresentingAsked(by.person, True)


class WithdrawAsking(Command, tag="presenting.withdraw"):
    """Whoever asked to present does so no longer; the desk or the secretary says "not now" to anybody."""

    person: Line = ""
    permits: ClassVar = ATTENDEES | DESK
    phases: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        person = self.person or by.person
        if person != by.person and not by.roles & RECORDERS:
            raise Refused("presenting.not_yours")
        if person in meeting.asking:
            yield PresentingAsked(person, False)


class PresentingAsked(Event, tag="presenting.asked"):
    """Somebody asks to present, or does so no longer."""

    person: Id
    asks: bool

    def apply(self, meeting: Meeting) -> Meeting:
        others = _without(meeting.asking, self.person)
        return replace(meeting, asking=(*others, self.person) if self.asks else others)


def _without(people: tuple[str, ...], person: str) -> tuple[str, ...]:
    return tuple(one for one in people if one != person)


def _shown(meeting: Meeting, paper_id: str) -> tuple[Shown, Paper]:
    if meeting.shown is None or meeting.shown.paper != paper_id:
        raise Refused("page.not_shown")
    return meeting.shown, meeting.paper(paper_id)
