"""What is put to the vote: a question, a choice among several, an election; worded, dropped, and everybody asked
whether they are ready."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from msgspec import Meta
from msgspec.structs import replace

from server.clock import Millis
from server.errors import Forbidden, Refused
from server.meetings.acts import (
    BEFORE_CLOSING,
    RUNNING,
    SITTING,
    Audience,
    By,
    Command,
    Event,
    Moment,
    ReadyForgotten,
    ReadySaid,
    Row,
)
from server.meetings.ballot import Ballot, Kind, Method, must_suit, tie_of
from server.meetings.guests import sees_item
from server.meetings.meeting import Meeting
from server.meetings.roles import ATTENDEES, DESK, PREPARERS
from server.meetings.rules import Option, Rules
from server.meetings.votes import seen_by, voters_now
from server.meetings.words import Id, Title

Named = Annotated[str, Meta(min_length=1, max_length=200)]
Places = Annotated[int, Meta(ge=1, le=50)]


class PlanBallot(Command, tag="ballot.plan"):
    """A preparer or the chair words a question to be voted on; answers and majority follow the meeting type. A choice
    or an election names its own options: one may choose as many as there are places, each carried by the majority."""

    item: Id
    question: Title
    method: Method = "open"
    kind: Kind = "question"
    options: Annotated[tuple[Named, ...], Meta(max_length=50)] = ()
    places: Places = 1
    permits: ClassVar = PREPARERS | DESK
    phases: ClassVar = BEFORE_CLOSING
    for_chair: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        meeting.item(self.item)
        rules = meeting.rules
        if not rules.votes or not rules.options:
            raise Refused("ballot.type_without_votes")
        yield BallotPlanned(
            Ballot(
                moment.fresh_id(),
                self.item,
                self.question,
                self._options(rules),
                rules.carries,
                rules.basis,
                rules.majority_of,
                rules.majority_per,
                tie_of(self.method, rules.tie),
                self.method,
                against=rules.against,
                kind=self.kind,
                places=self.places,
            )
        )

    def _options(self, rules: Rules) -> tuple[Option, ...]:
        if self.kind == "question":
            if self.options or self.places != 1:
                raise Refused("ballot.options_of_the_type")
            return rules.options
        must_suit(self.method, self.places)
        if len(self.options) < max(self.places, 1 if self.kind == "election" else 2):
            raise Refused("ballot.too_few_options", places=self.places)
        if len({option.casefold() for option in self.options}) < len(self.options):
            raise Refused("ballot.options_alike")
        return tuple(Option(f"c{number}", words, words) for number, words in enumerate(self.options, 1))


class BallotPlanned(Event, tag="ballot.planned"):
    """A question is ready to be voted on."""

    ballot: Ballot

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.ballot.item)

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_ballot(self.ballot)


class DropBallot(Command, tag="ballot.drop"):
    """A question that was never voted on is taken back."""

    ballot: Id
    permits: ClassVar = PREPARERS | DESK
    phases: ClassVar = BEFORE_CLOSING
    for_chair: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        _planned(meeting, self.ballot)
        yield BallotDropped(self.ballot, meeting.ballot(self.ballot).item)


class BallotDropped(Event, tag="ballot.dropped"):
    """There is no such question any more."""

    ballot: Id
    item: Id

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.item)

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, ballots={key: one for key, one in meeting.ballots.items() if key != self.ballot})


class CallBallot(Command, tag="ballot.call"):
    """The desk asks everybody whether they are ready to vote, or stops asking. It may open without an answer."""

    ballot: Id
    calling: bool = True
    permits: ClassVar = DESK
    phases: ClassVar = SITTING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        ballot = _planned(meeting, self.ballot)
        if self.calling and any(other.state == "open" for other in meeting.ballots.values()):
            raise Refused("ballot.another_open")
        if bool(ballot.called_at) != self.calling:
            yield BallotCalled(self.ballot, moment.now if self.calling else 0)
            yield ReadyForgotten(self.ballot)


class BallotCalled(Event, tag="ballot.called"):
    """Everybody is asked whether they are ready to vote; at 0: no longer."""

    ballot: Id
    at: Millis

    def audience(self, meeting: Meeting) -> Audience:
        return seen_by(meeting, self.ballot)

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_ballot(replace(meeting.ballot(self.ballot), called_at=self.at))


class SayReady(Command, tag="ballot.ready"):
    """A member is ready to vote, for every mandate they hold; how many are is a number, and no event."""

    ballot: Id
    permits: ClassVar = ATTENDEES
    phases: ClassVar = SITTING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if not _planned(meeting, self.ballot).called_at:
            raise Refused("ballot.not_called")
        held = [mandate for mandate, holder in voters_now(meeting).items() if holder == by.person]
        if not held:
            raise Forbidden("ballot.not_your_mandate")
        for mandate in held:
            yield ReadySaid(self.ballot, mandate)


def _planned(meeting: Meeting, ballot_id: str) -> Ballot:
    ballot = meeting.ballot(ballot_id)
    if ballot.state != "planned":
        raise Refused("ballot.not_planned")
    return ballot
