"""Voting: a ballot opens for a fixed electorate, each mandate counts once, nothing is known before it is announced.

Options, basis, majority and tie come from the meeting type (for a People's Committee: Luật Tổ chức chính
quyền địa phương, more than half of all members). Choices are rows, never events: a thousand votes in ten
seconds must not become a hundred thousand frames a second, and a log cannot forget.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal

from msgspec.structs import replace

from server.canonical import digest
from server.clock import Millis
from server.errors import Forbidden, Refused
from server.meetings.acts import BEFORE_CLOSING, RUNNING, Audience, By, Command, Event, Moment, Needs, VoteCast
from server.meetings.attendance import holder_of, holder_present
from server.meetings.ballot import Ballot, CountSheet, Entered, Method, Tally
from server.meetings.guests import sees_item
from server.meetings.meeting import Meeting
from server.meetings.roles import ATTENDEES, DESK, DESK_AND_SECRETARY, PREPARERS
from server.meetings.words import Id, Title

Result = Literal["passed", "rejected"]


class PlanBallot(Command, tag="ballot.plan"):
    """A preparer or the chair words a question to be voted on; options and majority follow the meeting type."""

    item: Id
    question: Title
    method: Method = "open"
    permits: ClassVar = PREPARERS | DESK
    phases: ClassVar = BEFORE_CLOSING
    for_chair: ClassVar = RUNNING

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
                against=rules.against,
            )
        )


class BallotPlanned(Event, tag="ballot.planned"):
    """A question is ready to be voted on."""

    ballot: Ballot

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.ballot.item)

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
        holders = voters_now(meeting)
        if not holders:
            raise Refused("ballot.nobody_may_vote")
        of_all = sum(1 for member in meeting.members.values() if member.mandate)
        yield BallotOpened(self.ballot, holders, of_all, moment.now)


class BallotOpened(Event, tag="ballot.opened"):
    """A ballot is open for these mandates."""

    ballot: Id
    electorate: dict[str, str]
    of_all: int
    at: Millis
    method: Method | Literal[""] = ""
    """How it is voted, where this differs from what was planned."""

    def audience(self, meeting: Meeting) -> Audience:
        return seen_by(meeting, self.ballot)

    def apply(self, meeting: Meeting) -> Meeting:
        ballot = meeting.ballot(self.ballot)
        opened = replace(
            ballot,
            state="open",
            method=self.method or ballot.method,
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
            raise Refused("ballot.by_hands" if ballot.method == "hands" else "ballot.on_paper")
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
        if ballot.method != "open":
            raise Refused("ballot.count_the_hands" if ballot.method == "hands" else "ballot.count_the_papers")
        votes = {mandate: choice for mandate, choice in moment.votes.items() if mandate in ballot.electorate}
        counted = {option.key: 0 for option in ballot.options} | Counter(votes.values())
        chair_choice = votes.get(meeting.chair, "")
        yield BallotClosed(self.ballot, moment.now, len(votes), digest(votes))
        yield BallotCounted(self.ballot, counted, outcome(ballot, counted, chair_choice), len(votes))


class BallotClosed(Event, tag="ballot.closed"):
    """Nobody can vote any more; so many did, sealed by this hash."""

    ballot: Id
    at: Millis
    cast: int
    sealed: str
    entered: Entered | None = None
    """Who entered it, where it was counted in the hall."""

    def audience(self, meeting: Meeting) -> Audience:
        return seen_by(meeting, self.ballot)

    def apply(self, meeting: Meeting) -> Meeting:
        closed = replace(
            meeting.ballot(self.ballot),
            state="closed",
            closed_at=self.at,
            cast=self.cast,
            sealed=self.sealed,
            entered=self.entered,
        )
        return meeting.with_ballot(closed)


class BallotCounted(Event, tag="ballot.counted"):
    """The desk knows the count; nobody else does before it is announced."""

    ballot: Id
    tally: dict[str, int]
    result: Result
    cast: int
    sheet: CountSheet | None = None

    def audience(self, meeting: Meeting) -> Audience:
        return desk_of(meeting)

    def apply(self, meeting: Meeting) -> Meeting:
        counted = Tally(self.tally, self.result, self.cast, self.sheet)
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
        yield BallotAnnounced(self.ballot, counted.tally, counted.result, named, moment.now, counted.sheet)


class BallotAnnounced(Event, tag="ballot.announced"):
    """Everybody knows the result."""

    ballot: Id
    tally: dict[str, int]
    result: Result
    votes: dict[str, str]
    at: Millis
    sheet: CountSheet | None = None

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
        )
        return meeting.with_ballot(announced)


def outcome(ballot: Ballot, tally: Mapping[str, int], chair_choice: str) -> Result:
    """Passed when more than the majority of the basis chose the carrying option.

    As many for as against is a tie, whoever else abstained; where the type says so it follows the chair's own vote.
    """
    basis = ballot.of_all if ballot.basis == "all" else len(ballot.electorate)
    if tally.get(ballot.carries, 0) * ballot.majority_per > basis * ballot.majority_of:
        return "passed"
    decided = ballot.tie == "chair" and is_tie(ballot, tally) and chair_choice == ballot.carries
    return "passed" if decided else "rejected"


def is_tie(ballot: Ballot, tally: Mapping[str, int]) -> bool:
    """Whether as many stand for the question as against it, and anybody does."""
    return tally.get(ballot.carries, 0) == tally.get(ballot.against, 0) > 0


def seen_by(meeting: Meeting, ballot_id: str) -> Audience:
    """Who may know of a ballot: everyone but guests of other items."""
    ballot = meeting.ballots.get(ballot_id)
    return sees_item(meeting, ballot.item) if ballot else None


def voters_now(meeting: Meeting) -> dict[str, str]:
    """Mandate → person who holds it, of all mandates that somebody present may use."""
    mandates = [member for member in meeting.members.values() if member.mandate]
    return {m.id: h.id for m in mandates if holder_present(meeting, m) and (h := holder_of(meeting, m))}


def mandates_of(ballot: Ballot, person: str) -> list[str]:
    """The mandates somebody votes for in this ballot."""
    return [mandate for mandate, holder in ballot.electorate.items() if holder == person]


def desk_of(meeting: Meeting) -> frozenset[str]:
    """Those who steer, and the secretary: who may know a count before it is announced."""
    return frozenset(person for person in meeting.members if meeting.roles_of(person) & DESK_AND_SECRETARY)
