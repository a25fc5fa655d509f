"""The result is told to everybody, once the chair says so; with names where the vote was by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from msgspec.structs import replace

from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import Audience, By, Command, Event, Moment, Needs, Row
from server.meetings.ballot import Chosen, CountSheet
from server.meetings.meeting import Meeting
from server.meetings.results import Result
from server.meetings.roles import DESK
from server.meetings.votes import seen_by
from server.meetings.words import Id, Line


class AnnounceBallot(Command, tag="ballot.announce"):
    """The desk announces the result to everybody; with names where the vote is by name, else only if the chair so
    chooses and it is known who chose what."""

    ballot: Id
    names: bool = False
    permits: ClassVar = DESK

    def needs(self) -> Needs:
        return Needs(votes_of=self.ballot)

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        ballot = meeting.ballot(self.ballot)
        if ballot.state != "closed":
            raise Refused("ballot.not_closed")
        if self.names and ballot.method in {"secret", "paper"}:
            raise Refused("ballot.no_names")
        found = meeting.tallies[self.ballot]
        named = dict(moment.votes) if self.names or ballot.method == "named" else {}
        yield BallotAnnounced(
            self.ballot, found.tally, found.result, named, moment.now, found.sheet, found.chosen, found.by_chair
        )


class BallotAnnounced(Event, tag="ballot.announced"):
    """Everybody knows the result."""

    ballot: Id
    tally: dict[str, int]
    result: Result
    votes: dict[str, str]
    at: Millis
    sheet: CountSheet | None = None
    chosen: Chosen | None = None
    by_chair: Line | None = None

    def audience(self, meeting: Meeting) -> Audience:
        return seen_by(meeting, self.ballot)

    def apply(self, meeting: Meeting) -> Meeting:
        announced = replace(
            meeting.ballot(self.ballot),
            state="announced",
            tally=self.tally,
            result=self.result,
            votes=self.votes,
            sheet=self.sheet,
            chosen=self.chosen,
            by_chair=self.by_chair,
        )
        return meeting.with_ballot(announced)
