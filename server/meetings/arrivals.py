"""A paper's file arrives: it can be read, or cannot; also when a newer one takes its place while it is on screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from msgspec.structs import replace

from server.meetings.acts import EVERYWHERE, Audience, By, Command, Event, Moment, Row
from server.meetings.meeting import Meeting
from server.meetings.pages import PageTurned
from server.meetings.papers import readers_of
from server.meetings.roles import Role
from server.meetings.words import Id, Line


class PaperPrepared(Command, tag="paper.prepare"):
    """The house says how the paper's file fared: ready with so many pages, or refused and why. Where the page that is
    shown is not there any more, the last one is."""

    paper: Id
    state: Literal["ready", "refused"]
    version: Line = ""
    pages: int = 0
    problem: Line = ""
    permits: ClassVar = frozenset({Role.SYSTEM})
    phases: ClassVar = EVERYWHERE
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        paper, shown = meeting.paper(self.paper), meeting.shown
        if (paper.state, paper.version, paper.problem) == (self.state, self.version, self.problem):
            return
        yield PaperReady(self.paper, self.state, self.version, self.pages, self.problem)
        if shown is not None and shown.paper == self.paper and 0 < self.pages < shown.page:
            yield PageTurned(self.paper, self.pages)


class PaperReady(Event, tag="paper.ready"):
    """A paper can be read, or cannot and why."""

    paper: Id
    state: Literal["ready", "refused"]
    version: Line
    pages: int
    problem: Line

    def audience(self, meeting: Meeting) -> Audience:
        return readers_of(meeting, meeting.papers.get(self.paper))

    def apply(self, meeting: Meeting) -> Meeting:
        paper = meeting.paper(self.paper)
        known = replace(paper, state=self.state, version=self.version, pages=self.pages, problem=self.problem)
        return meeting.with_paper(known)
