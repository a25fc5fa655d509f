"""An invitation taken back once the meeting is published: the seat, the vote, the floor and every way in go with it.

What was said and voted before stays in the log, and the minutes still name whoever did it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from msgspec.structs import replace

from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import AROUND, By, Command, Event, Moment, Row
from server.meetings.floor import end_speech
from server.meetings.meeting import Meeting, without_presenter
from server.meetings.roles import PREPARERS
from server.meetings.seats import Member
from server.meetings.words import Id, Line


class RevokeInvitation(Command, tag="member.revoke"):
    """A preparer takes an invitation back after publishing: the person, and a substitute who came for them, must leave
    at once, and their code opens nothing any more."""

    person: Id
    reason: Line = ""
    permits: ClassVar = PREPARERS
    phases: ClassVar = AROUND

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        member = meeting.member(self.person)
        if self.person == by.person:
            raise Refused("member.not_oneself")
        if any(ballot.state == "open" for ballot in meeting.ballots.values()):
            # The electorate is fixed: nobody is taken out of it while it votes.
            raise Refused("member.ballot_open")
        for one in (*_only_for(meeting, member), member):
            yield from _shown_out(meeting, one, moment, self.reason)


class InvitationRevoked(Event, tag="member.revoked"):
    """Somebody does not belong to the meeting any more, and has left it."""

    person: Id
    at: Millis
    reason: Line

    def apply(self, meeting: Meeting) -> Meeting:
        gone = self.person
        return replace(
            meeting,
            members={key: _freed(member, gone) for key, member in meeting.members.items() if key != gone},
            items=without_presenter(meeting.items, gone),
            requests=tuple(request for request in meeting.requests if request.person != gone),
            microphones={key: state for key, state in meeting.microphones.items() if key != gone},
            calls={key: call for key, call in meeting.calls.items() if call.by != gone},
            deputy=_unless(gone, meeting.deputy),
            controlling=_unless(gone, meeting.controlling),
            presenting=_unless(gone, meeting.presenting),
            asking=tuple(who for who in meeting.asking if who != gone),
            sharing=_unless(gone, meeting.sharing),
            pinned=_unless(gone, meeting.pinned),
            locked=tuple(who for who in meeting.locked if who != gone),
        )


def substitute_leaves(meeting: Meeting, person: str, moment: Moment) -> Iterable[Event]:
    """What follows for a substitute who is not needed any more: who was invited for that alone leaves the meeting."""
    substitute = meeting.members.get(person)
    if substitute is not None and substitute.only_substitute:
        yield from _shown_out(meeting, substitute, moment, "")


def _shown_out(meeting: Meeting, member: Member, moment: Moment, reason: str) -> Iterable[Event]:
    if member.id == meeting.chair:
        raise Refused("member.is_chair", name=member.name)
    if meeting.speaking is not None and meeting.speaking.person == member.id:
        yield from end_speech(meeting, moment)
    yield InvitationRevoked(member.id, moment.now, reason)


def _only_for(meeting: Meeting, member: Member) -> list[Member]:
    substitute = meeting.members.get(member.substituted_by)
    return [substitute] if substitute is not None and substitute.only_substitute else []


def _freed(member: Member, gone: str) -> Member:
    if gone not in {member.substituted_by, member.substitute_for}:
        return member
    return replace(
        member,
        substituted_by=_unless(gone, member.substituted_by),
        substitute_for=_unless(gone, member.substitute_for),
    )


def _unless(gone: str, held_by: str) -> str:
    return "" if held_by == gone else held_by
