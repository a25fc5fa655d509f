"""Help at one's seat: "Gọi kỹ thuật", "Gọi phục vụ", seen by technicians and secretaries and answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from msgspec.structs import replace

from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import AROUND, Audience, By, Command, Event, Moment, Row
from server.meetings.meeting import Meeting
from server.meetings.roles import ATTENDEES, Role
from server.meetings.seats import Call
from server.meetings.words import Id, Line

HELPERS = frozenset({Role.TECHNICIAN, Role.SECRETARY})
"""Those who see every call and answer it."""


class MakeCall(Command, tag="call.make"):
    """Somebody at a seat or a site calls the technician or the service; one call of a kind at a time."""

    kind: Literal["technician", "service"]
    note: Line = ""
    permits: ClassVar = ATTENDEES | {Role.SITE, Role.TECHNICIAN}
    phases: ClassVar = AROUND
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if any((call.by, call.kind) == (by.person, self.kind) for call in meeting.calls.values()):
            raise Refused("call.made_already")
        yield CallMade(Call(moment.fresh_id(), by.person, self.kind, self.note, moment.now))


class CallMade(Event, tag="call.made"):
    """Somebody calls for help."""

    call: Call

    def audience(self, meeting: Meeting) -> Audience:
        return helpers(meeting) | {self.call.by}

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, calls={**meeting.calls, self.call.id: self.call})


class AnswerCall(Command, tag="call.answer"):
    """A technician or a secretary says that they have heard ("Đã nhận")."""

    call: Id
    permits: ClassVar = HELPERS
    phases: ClassVar = AROUND
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        call = _call(meeting, self.call)
        if not call.answered_by:
            yield CallAnswered(self.call, call.by, by.person, moment.now)


class CallAnswered(Event, tag="call.answered"):
    """Somebody has heard the call and sees to it."""

    call: Id
    caller: Id
    by: Id
    at: Millis

    def audience(self, meeting: Meeting) -> Audience:
        return helpers(meeting) | {self.caller}

    def apply(self, meeting: Meeting) -> Meeting:
        answered = replace(_call(meeting, self.call), answered_by=self.by, answered_at=self.at)
        return replace(meeting, calls={**meeting.calls, self.call: answered})


class EndCall(Command, tag="call.end"):
    """Whoever called, or whoever helps, says that it is done."""

    call: Id
    permits: ClassVar = ATTENDEES | {Role.SITE, Role.TECHNICIAN}
    phases: ClassVar = AROUND
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        call = _call(meeting, self.call)
        if call.by != by.person and not by.roles & HELPERS:
            raise Refused("call.not_yours")
        yield CallEnded(self.call, call.by)


class CallEnded(Event, tag="call.ended"):
    """A call is done."""

    call: Id
    caller: Id

    def audience(self, meeting: Meeting) -> Audience:
        return helpers(meeting) | {self.caller}

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, calls={key: call for key, call in meeting.calls.items() if key != self.call})


def helpers(meeting: Meeting) -> frozenset[str]:
    """Technicians and secretaries."""
    return frozenset(person for person in meeting.members if meeting.roles_of(person) & HELPERS)


def calls_seen_by(meeting: Meeting, person: str) -> dict[str, Call]:
    """The calls this principal sees: all of them who help, one's own who called."""
    if meeting.roles_of(person) & HELPERS:
        return meeting.calls
    return {key: call for key, call in meeting.calls.items() if call.by == person}


def _call(meeting: Meeting, call_id: str) -> Call:
    if call_id not in meeting.calls:
        raise Refused("call.unknown")
    return meeting.calls[call_id]
