"""Voting: a ballot opens for a fixed electorate, each mandate counts once, nothing is known before it is announced.

Options, basis, majority and tie come from the meeting type (for a People's Committee: Luật Tổ chức chính
quyền địa phương, more than half of all members). Choices are rows, never events: a thousand votes in ten
seconds must not become a hundred thousand frames a second, and a log cannot forget. A secret choice is final when it
is cast: changing it would need a link between who voted and what.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import replace

from server.canonical import digest
from server.clock import Millis
from server.errors import Forbidden, Refused
from server.meetings.acts import (
    Audience,
    BoxCleared,
    BoxOpened,
    By,
    Command,
    Event,
    Moment,
    Needs,
    Row,
    SecretVote,
    VoteCast,
)
from server.meetings.attendance import holder_of, holder_present, quorum
from server.meetings.ballot import Ballot, Chosen, CountSheet, Entered, Method, Tally
from server.meetings.guests import sees_item
from server.meetings.meeting import Meeting
from server.meetings.results import Result, choice_of, count, decided, longest_choice
from server.meetings.roles import ATTENDEES, DESK, DESK_AND_SECRETARY
from server.meetings.words import Id, Line

LEAST_SECRET = 5
"""Fewer voters than these have no secret ballot: what came of it would tell how they voted."""
Choice = Annotated[str, Meta(max_length=600, pattern=r"^[0-9a-zA-Z:_.,-]*$")]
"""One option, or several joined by commas; empty is a blank ballot, where the ballot knows such."""


class OpenBallot(Command, tag="ballot.open"):
    """The desk opens a ballot: the electorate is fixed now. A speaker's clock must not be running. Where the quorum is
    missing the desk must say so (`without_quorum`); before a secret ballot or an election it proves who it is."""

    ballot: Id
    without_quorum: bool = False
    permits: ClassVar = DESK

    def needs(self) -> Needs:
        return Needs(proof=True)

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        ballot = meeting.ballot(self.ballot)
        self._may_open(meeting, ballot)
        holders = voters_now(meeting)
        if not holders:
            raise Refused("ballot.nobody_may_vote")
        there = quorum(meeting)
        if not there.reached and not self.without_quorum:
            raise Refused("ballot.quorum_missing", present=there.present, needed=there.needed)
        if ballot.method == "secret" and len(holders) < LEAST_SECRET:
            raise Refused("ballot.too_few_for_secret", count=len(holders), least=LEAST_SECRET)
        if not moment.proved and (ballot.method == "secret" or ballot.kind == "election"):
            raise Forbidden("ballot.prove_first")
        yield BallotOpened(self.ballot, holders, there.of_all, moment.now, needed=there.needed)
        if ballot.method == "secret":
            yield BoxOpened(self.ballot, tuple(sorted(holders)), longest_choice(ballot))

    def _may_open(self, meeting: Meeting, ballot: Ballot) -> None:
        if ballot.state != "planned":
            raise Refused("ballot.not_planned")
        if meeting.speaking is not None:
            raise Refused("ballot.speaker_has_floor")
        if any(other.state == "open" for other in meeting.ballots.values()):
            raise Refused("ballot.another_open")


class BallotOpened(Event, tag="ballot.opened"):
    """A ballot is open for these mandates."""

    ballot: Id
    electorate: dict[str, str]
    of_all: int
    at: Millis
    method: Method | Literal[""] = ""
    """How it is voted, where this differs from what was planned."""
    needed: int = 0
    """How many voting members had to be present; 0: the type asks for none."""

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
            needed=self.needed,
        )
        return meeting.with_ballot(opened)


class CastVote(Command, tag="ballot.cast"):
    """A member votes; the choice may be changed until the ballot is closed, and counts once."""

    ballot: Id
    mandate: Id
    choice: Choice
    permits: ClassVar = ATTENDEES

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        ballot = _ballot_of(meeting, self.ballot, self.mandate, by)
        if not ballot.by_name:
            raise Refused(NOT_BY_NAME[ballot.method])
        yield VoteCast(self.ballot, self.mandate, choice_of(ballot, self.choice), by.person, moment.now)


class CastSecretVote(Command, tag="ballot.cast_secretly"):
    """A member votes in a secret ballot, once and for all: that they have voted is kept, and a sealed choice apart
    from it. `pad` makes every such command equally long on the line."""

    ballot: Id
    mandate: Id
    choice: Choice
    pad: Annotated[str, Meta(max_length=2000)] = ""
    permits: ClassVar = ATTENDEES

    def __repr__(self) -> str:
        return "CastSecretVote(…)"

    def needs(self) -> Needs:
        return Needs(voted=(self.ballot, self.mandate))

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        ballot = _ballot_of(meeting, self.ballot, self.mandate, by)
        if ballot.method != "secret":
            raise Refused("ballot.not_secret")
        choice = choice_of(ballot, self.choice)
        if moment.voted:
            raise Refused("ballot.already_cast")
        yield SecretVote(self.ballot, self.mandate, choice)


class CloseBallot(Command, tag="ballot.close"):
    """The desk closes the ballot: what was cast is counted, and only the desk knows the count. The box of a secret
    ballot is opened only now, and is gone with its key afterwards."""

    ballot: Id
    permits: ClassVar = DESK

    def needs(self) -> Needs:
        return Needs(votes_of=self.ballot, box_of=self.ballot)

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        ballot = meeting.ballot(self.ballot)
        if ballot.state != "open":
            raise Refused("ballot.not_open")
        if ballot.method in COUNT_FIRST:
            raise Refused(COUNT_FIRST[ballot.method])
        votes = {mandate: choice for mandate, choice in moment.votes.items() if mandate in ballot.electorate}
        cast = moment.box if ballot.method == "secret" else tuple(votes.values())
        if ballot.method == "secret" and 0 < len(cast) < LEAST_SECRET:
            # Closed after the first vote it would tell the desk what that one person chose.
            raise Refused("ballot.too_few_cast", count=len(cast), least=LEAST_SECRET)
        tally, blank = count(ballot, cast)
        # The seal of a secret ballot covers the figures alone: whole ballots of an election would be signatures.
        sealed = digest([tally, blank, len(cast)] if ballot.method == "secret" else votes)
        yield BallotClosed(self.ballot, moment.now, len(cast))
        found = decided(ballot, tally, votes.get(meeting.chair, ""), blank)
        yield BallotCounted(
            self.ballot, tally, found.result, len(cast), chosen=found.chosen, sealed=sealed, by_chair=found.by_chair
        )
        if ballot.method == "secret":
            yield BoxCleared(self.ballot)


class BallotClosed(Event, tag="ballot.closed"):
    """Nobody can vote any more; so many did."""

    ballot: Id
    at: Millis
    cast: int
    sealed: str = ""
    """The seal, in old logs; since then it is told to the desk alone, with the count."""
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
    """The desk knows the count and its seal; nobody else knows the count before it is announced, and the seal ever:
    few votes can be guessed, and by the seal one would see that the guess is right."""

    ballot: Id
    tally: dict[str, int]
    result: Result
    cast: int
    sheet: CountSheet | None = None
    chosen: Chosen | None = None
    sealed: str = ""
    by_chair: Line | None = None

    def audience(self, meeting: Meeting) -> Audience:
        return desk_of(meeting)

    def apply(self, meeting: Meeting) -> Meeting:
        counted = Tally(self.tally, self.result, self.cast, self.sheet, self.chosen, self.sealed, self.by_chair)
        return replace(meeting, tallies={**meeting.tallies, self.ballot: counted})


NOT_BY_NAME = {"hands": "ballot.by_hands", "paper": "ballot.on_paper", "secret": "ballot.is_secret"}
COUNT_FIRST = {"hands": "ballot.count_the_hands", "paper": "ballot.count_the_papers"}


def _ballot_of(meeting: Meeting, ballot_id: str, mandate: str, by: By) -> Ballot:
    """The open ballot in which this person holds this mandate."""
    ballot = meeting.ballot(ballot_id)
    if ballot.state != "open":
        raise Refused("ballot.not_open")
    if ballot.electorate.get(mandate) != by.person:
        raise Forbidden("ballot.not_your_mandate")
    return ballot


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
    steering = {meeting.chair, meeting.deputy, meeting.controlling}
    maybe = (m.id for m in meeting.members.values() if m.id in steering or not DESK_AND_SECRETARY.isdisjoint(m.roles))
    return frozenset(person for person in maybe if meeting.roles_of(person) & DESK_AND_SECRETARY)
