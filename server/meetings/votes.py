"""Voting: a ballot opens for a fixed electorate, each mandate counts once, nothing is known before it is announced.

Options, basis, majority and tie come from the meeting type (for a People's Committee: Luật Tổ chức chính
quyền địa phương, more than half of all members). Choices are rows, never events: a thousand votes in ten
seconds must not become a hundred thousand frames a second, and a log cannot forget.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import replace

from server.canonical import digest
from server.clock import Millis
from server.errors import Forbidden, Refused
from server.meetings.acts import BEFORE_CLOSING, RUNNING, By, Command, Event, Moment, Needs, VoteCast
from server.meetings.attendance import holder_of, holder_present
from server.meetings.meeting import Ballot, Meeting, Tally
from server.meetings.roles import ATTENDEES, DESK, DESK_AND_SECRETARY, PREPARERS, Role
from server.meetings.words import Id, Title

Count = Annotated[int, Meta(ge=0, le=100_000)]
Result = Literal["passed", "rejected"]


class PlanBallot(Command, tag="ballot.plan"):
    """A preparer or the chair words a question to be voted on; options and majority follow the meeting type."""

    item: Id
    question: Title
    method: Literal["open", "hands"] = "open"
    permits: ClassVar = PREPARERS | DESK
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        meeting.item(self.item)
        rules = meeting.rules
        if not rules.votes or not rules.options:
            raise Refused("ballot.type_without_votes")
        yield BallotPlanned(
            Ballot(
                moment.fresh_id(),
                self.item,
                self.question,
                rules.options,
                rules.carries,
                rules.basis,
                rules.majority_of,
                rules.majority_per,
                rules.tie,
                self.method,
            )
        )


class BallotPlanned(Event, tag="ballot.planned"):
    """A question is ready to be voted on."""

    ballot: Ballot

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_ballot(self.ballot)


class OpenBallot(Command, tag="ballot.open"):
    """The desk opens a ballot: the electorate is fixed now. A speaker's clock must not be running."""

    ballot: Id
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        ballot = meeting.ballot(self.ballot)
        if ballot.state != "planned":
            raise Refused("ballot.not_planned")
        if meeting.speaking is not None:
            raise Refused("ballot.speaker_has_floor")
        if any(other.state == "open" for other in meeting.ballots.values()):
            raise Refused("ballot.another_open")
        mandates = [member for member in meeting.members.values() if member.mandate]
        holders = {m.id: h.id for m in mandates if holder_present(meeting, m) and (h := holder_of(meeting, m))}
        if not holders:
            raise Refused("ballot.nobody_may_vote")
        yield BallotOpened(self.ballot, holders, len(mandates), moment.now)


class BallotOpened(Event, tag="ballot.opened"):
    """A ballot is open for these mandates."""

    ballot: Id
    electorate: dict[str, str]
    of_all: int
    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        opened = replace(
            meeting.ballot(self.ballot),
            state="open",
            electorate=self.electorate,
            of_all=self.of_all,
            opened_at=self.at,
        )
        return meeting.with_ballot(opened)


class CastVote(Command, tag="ballot.cast"):
    """A member votes; the choice may be changed until the ballot is closed, and counts once."""

    ballot: Id
    mandate: Id
    choice: Id
    permits: ClassVar = ATTENDEES

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        ballot = meeting.ballot(self.ballot)
        if ballot.state != "open":
            raise Refused("ballot.not_open")
        if ballot.method != "open":
            raise Refused("ballot.by_hands")
        if ballot.electorate.get(self.mandate) != by.person:
            raise Forbidden("ballot.not_your_mandate")
        if self.choice not in {option.key for option in ballot.options}:
            raise Refused("ballot.no_such_option")
        yield VoteCast(self.ballot, self.mandate, self.choice, by.person, moment.now)


class CloseBallot(Command, tag="ballot.close"):
    """The desk closes the ballot: what was cast is counted, and only the desk knows the count."""

    ballot: Id
    permits: ClassVar = DESK

    def needs(self) -> Needs:
        return Needs(votes_of=self.ballot)

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        ballot = meeting.ballot(self.ballot)
        if ballot.state != "open":
            raise Refused("ballot.not_open")
        if ballot.method == "hands":
            raise Refused("ballot.count_the_hands")
        votes = {mandate: choice for mandate, choice in moment.votes.items() if mandate in ballot.electorate}
        counted = {option.key: 0 for option in ballot.options} | Counter(votes.values())
        chair_choice = votes.get(meeting.chair, "")
        yield BallotClosed(self.ballot, moment.now, len(votes), digest(votes))
        yield BallotCounted(self.ballot, counted, outcome(ballot, counted, chair_choice), len(votes))


class RecordHands(Command, tag="ballot.record"):
    """The secretary or the desk enters what was counted by a show of hands, or on paper."""

    ballot: Id
    tally: dict[Id, Count]
    chair_choice: str = ""
    permits: ClassVar = DESK | {Role.SECRETARY}
    phases: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        ballot = meeting.ballot(self.ballot)
        if ballot.state != "open" or ballot.method != "hands":
            raise Refused("ballot.not_by_hands")
        if set(self.tally) != {option.key for option in ballot.options}:
            raise Refused("ballot.no_such_option")
        cast = sum(self.tally.values())
        if cast > len(ballot.electorate):
            raise Refused("ballot.more_than_electorate", electorate=len(ballot.electorate))
        yield BallotClosed(self.ballot, moment.now, cast, digest(self.tally))
        yield BallotCounted(self.ballot, self.tally, outcome(ballot, self.tally, self.chair_choice), cast)


class BallotClosed(Event, tag="ballot.closed"):
    """Nobody can vote any more; so many did, sealed by this hash."""

    ballot: Id
    at: Millis
    cast: int
    sealed: str

    def apply(self, meeting: Meeting) -> Meeting:
        closed = replace(
            meeting.ballot(self.ballot), state="closed", closed_at=self.at, cast=self.cast, sealed=self.sealed
        )
        return meeting.with_ballot(closed)


class BallotCounted(Event, tag="ballot.counted"):
    """The desk knows the count; nobody else does before it is announced."""

    ballot: Id
    tally: dict[str, int]
    result: Result
    cast: int

    def audience(self, meeting: Meeting) -> frozenset[str] | None:
        return desk_of(meeting)

    def apply(self, meeting: Meeting) -> Meeting:
        counted = Tally(self.tally, self.result, self.cast)
        return replace(meeting, tallies={**meeting.tallies, self.ballot: counted})


class AnnounceBallot(Command, tag="ballot.announce"):
    """The desk announces the result to everybody, with names only if the chair so chooses."""

    ballot: Id
    names: bool = False
    permits: ClassVar = DESK

    def needs(self) -> Needs:
        return Needs(votes_of=self.ballot)

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        ballot = meeting.ballot(self.ballot)
        if ballot.state != "closed":
            raise Refused("ballot.not_closed")
        counted = meeting.tallies[self.ballot]
        named = dict(moment.votes) if self.names and ballot.method == "open" else {}
        yield BallotAnnounced(self.ballot, counted.tally, counted.result, named, moment.now)


class BallotAnnounced(Event, tag="ballot.announced"):
    """Everybody knows the result."""

    ballot: Id
    tally: dict[str, int]
    result: Result
    votes: dict[str, str]
    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        announced = replace(
            meeting.ballot(self.ballot), state="announced", tally=self.tally, result=self.result, votes=self.votes
        )
        return meeting.with_ballot(announced)


def outcome(ballot: Ballot, tally: Mapping[str, int], chair_choice: str) -> Result:
    """Passed when more than the majority of the basis chose the carrying option; a tie follows the type's rule."""
    basis = ballot.of_all if ballot.basis == "all" else len(ballot.electorate)
    in_favour, threshold = tally.get(ballot.carries, 0) * ballot.majority_per, basis * ballot.majority_of
    if in_favour > threshold:
        return "passed"
    tied = in_favour == threshold
    return "passed" if tied and ballot.tie == "chair" and chair_choice == ballot.carries else "rejected"


def mandates_of(ballot: Ballot, person: str) -> list[str]:
    """The mandates somebody votes for in this ballot."""
    return [mandate for mandate, holder in ballot.electorate.items() if holder == person]


def desk_of(meeting: Meeting) -> frozenset[str]:
    """Those who steer, and the secretary: who may know a count before it is announced."""
    return frozenset(person for person in meeting.members if meeting.roles_of(person) & DESK_AND_SECRETARY)
