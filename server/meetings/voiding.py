"""A ballot that does not count, and is taken again: asked for by one person, confirmed by another (four eyes)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import replace

from server.errors import Forbidden, Refused
from server.meetings.acts import RUNNING, Audience, BoxCleared, By, Command, Event, Moment, Row
from server.meetings.ballot import Method, VoidAsked, Voided, must_suit, taken_again, tie_of
from server.meetings.meeting import Meeting
from server.meetings.questions import BallotPlanned
from server.meetings.roles import DESK_AND_SECRETARY, Role
from server.meetings.votes import desk_of, seen_by
from server.meetings.words import Id

PRESIDE = frozenset({Role.CHAIR, Role.DEPUTY})
"""One of the two must be of those who preside; secretaries alone void nothing."""
UNSEEN = frozenset({"", "secret", "paper"})
"""The ways in which a question that was voted on secretly may be voted on again."""


class AskVoid(Command, tag="ballot.ask_void"):
    """Somebody at the desk asks that a ballot be voided, and perhaps taken again (by another `method` than before:
    what was entered afterwards was planned otherwise; what was secret stays so); another person has to confirm it."""

    ballot: Id
    reason: Annotated[str, Meta(min_length=1, max_length=600)]
    again: bool = False
    method: Method | Literal[""] = ""
    permits: ClassVar = DESK_AND_SECRETARY
    phases: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        ballot = meeting.ballot(self.ballot)
        if ballot.state not in {"open", "closed", "announced"}:
            raise Refused("ballot.nothing_to_void")
        if self.ballot in meeting.voidings:
            raise Refused("ballot.void_asked")
        must_suit(self.method, ballot.places)
        if ballot.method == "secret" and self.method not in UNSEEN:
            raise Refused("ballot.stays_secret")
        yield BallotVoidAsked(self.ballot, VoidAsked(by.person, moment.now, self.reason, self.again, self.method))


class BallotVoidAsked(Event, tag="ballot.void_asked"):
    """Somebody asks that a ballot be voided; only the desk knows."""

    ballot: Id
    asked: VoidAsked

    def audience(self, meeting: Meeting) -> Audience:
        return desk_of(meeting)

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, voidings={**meeting.voidings, self.ballot: self.asked})


class RefuseVoid(Command, tag="ballot.refuse_void"):
    """What was asked is not done: the ballot counts. Whoever asked may take it back themselves."""

    ballot: Id
    permits: ClassVar = DESK_AND_SECRETARY
    phases: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        _asked(meeting, self.ballot)
        yield BallotVoidRefused(self.ballot)


class BallotVoidRefused(Event, tag="ballot.void_refused"):
    """A ballot is not voided after all; only the desk knows."""

    ballot: Id

    def audience(self, meeting: Meeting) -> Audience:
        return desk_of(meeting)

    def apply(self, meeting: Meeting) -> Meeting:
        return _without_asking(meeting, self.ballot)


class ConfirmVoid(Command, tag="ballot.confirm_void"):
    """A second person confirms: the ballot does not count, and is taken again where that was asked."""

    ballot: Id
    permits: ClassVar = DESK_AND_SECRETARY
    phases: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        ballot = meeting.ballot(self.ballot)
        asked = _asked(meeting, self.ballot)
        if asked.by == by.person:
            raise Forbidden("ballot.void_needs_another")
        if not (meeting.roles_of(asked.by) | by.roles) & PRESIDE:
            raise Forbidden("ballot.void_needs_chair")
        yield BallotVoided(self.ballot, Voided(asked.by, by.person, moment.now, asked.reason))
        if ballot.method == "secret":
            yield BoxCleared(self.ballot)
        if asked.again:
            method = asked.method or ballot.method
            tie = tie_of(asked.method, meeting.rules.tie) if asked.method else ballot.tie
            yield BallotPlanned(taken_again(ballot, moment.fresh_id(), method, tie))


class BallotVoided(Event, tag="ballot.voided"):
    """A ballot does not count: two people have decided so."""

    ballot: Id
    voided: Voided

    def audience(self, meeting: Meeting) -> Audience:
        return seen_by(meeting, self.ballot)

    def apply(self, meeting: Meeting) -> Meeting:
        tallies = {key: tally for key, tally in meeting.tallies.items() if key != self.ballot}
        voided = replace(meeting.ballot(self.ballot), state="void", voided=self.voided)
        return replace(_without_asking(meeting, self.ballot), tallies=tallies).with_ballot(voided)


def _asked(meeting: Meeting, ballot: str) -> VoidAsked:
    meeting.ballot(ballot)
    if ballot not in meeting.voidings:
        raise Refused("ballot.void_not_asked")
    return meeting.voidings[ballot]


def _without_asking(meeting: Meeting, ballot: str) -> Meeting:
    return replace(meeting, voidings={key: asked for key, asked in meeting.voidings.items() if key != ballot})
