"""Who sits where ("sơ đồ chỗ ngồi"): a room's plan as it was when chosen, filled by precedence, changed by hand.

A member's `seat` is the name of a place of the plan. Whoever comes in a member's place takes the member's seat.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from msgspec.structs import replace

from server.errors import Refused
from server.meetings.acts import AROUND, BEFORE_CLOSING, By, Command, Event, Moment, Needs, Row
from server.meetings.meeting import Meeting, Member
from server.meetings.roles import DESK, PREPARERS, RECORDERS, Role
from server.meetings.seats import Seating
from server.meetings.words import Id, Line

SEATERS = PREPARERS | DESK
"""Who says where people sit: before the meeting, and while it sits."""


class DrawSeats(Command, tag="seats.draw"):
    """A preparer chooses the room whose plan the meeting sits by; an empty name does without a plan.

    With `fill` everybody of the main room is seated at once; else those stay whose place the new plan has too.
    """

    room: Line
    fill: bool = True
    permits: ClassVar = SEATERS
    phases: ClassVar = BEFORE_CLOSING

    def needs(self) -> Needs:
        return Needs(room=self.room)

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if not self.room:
            if meeting.seating is not None:
                yield SeatsDrawn(None)
            return
        if moment.room is None:
            raise Refused("room.unknown")
        plan = moment.room.plan
        yield SeatsDrawn(Seating(self.room, moment.room.name, plan))
        labels = plan.labels()
        seats = filled(meeting, labels, {}) if self.fill else _still_there(meeting, labels)
        yield from _changes(meeting, seats)


class SeatsDrawn(Event, tag="seats.drawn"):
    """The meeting sits by this plan of a room, or by none any more."""

    seating: Seating | None

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, seating=self.seating)


class FillSeats(Command, tag="seats.fill"):
    """A preparer or the desk seats all of the main room by precedence; with `keep`, only those without a place."""

    keep: bool = False
    permits: ClassVar = SEATERS
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        labels = _plan_of(meeting)
        yield from _changes(meeting, filled(meeting, labels, _still_there(meeting, labels) if self.keep else {}))


class MoveSeat(Command, tag="seats.move"):
    """A preparer or the desk gives somebody another place; whoever sat there takes the one left. Empty: no place."""

    person: Id
    seat: Line
    permits: ClassVar = SEATERS
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        labels, member = _plan_of(meeting), holder_of_seat(meeting, self.person)
        if self.seat and self.seat not in labels:
            raise Refused("seats.unknown", seat=self.seat)
        seats = _still_there(meeting, labels)
        left = seats.get(member.id, "")
        there = next((person for person, seat in seats.items() if self.seat and seat == self.seat), "")
        yield from _changes(meeting, {**seats, there: left, member.id: self.seat})


class SeatsAssigned(Event, tag="seats.assigned"):
    """These people have these places now; an empty one is none."""

    seats: dict[str, Line]

    def apply(self, meeting: Meeting) -> Meeting:
        moved = {
            person: replace(meeting.members[person], seat=seat)
            for person, seat in self.seats.items()
            if person in meeting.members
        }
        return replace(meeting, members={**meeting.members, **moved})


class ShowSeats(Command, tag="seats.show"):
    """The desk, the secretary or the technician shows the seat map on the hall's screen, or takes it off."""

    on: bool
    permits: ClassVar = RECORDERS | {Role.TECHNICIAN}
    phases: ClassVar = AROUND

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if self.on:
            _plan_of(meeting)
        if self.on != meeting.seats_shown:
            yield SeatsShown(self.on)


class SeatsShown(Event, tag="seats.shown"):
    """The hall's screen shows the seat map, or does not any more."""

    on: bool

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, seats_shown=self.on)


def filled(meeting: Meeting, labels: Iterable[str], kept: dict[str, str]) -> dict[str, str]:
    """Person → place: whoever presides first, then by precedence, guests last, onto the places in order of honour."""
    free = iter([label for label in labels if label not in kept.values()])
    waiting = sorted((one for one in sitting_here(meeting) if one.id not in kept), key=lambda one: _rank(meeting, one))
    return {**kept, **{one.id: label for one, label in zip(waiting, free, strict=False)}}


def sitting_here(meeting: Meeting) -> list[Member]:
    """Those who have a place in the main room: not whoever sits at another site, at work, or in somebody's place."""
    return [
        one
        for one in meeting.members.values()
        if not one.substitute_for and set(one.roles) != {Role.TECHNICIAN} and not is_elsewhere(meeting, one.site)
    ]


def is_elsewhere(meeting: Meeting, site: str) -> bool:
    """Whether whoever sits at this site is not in the main room."""
    return site in meeting.sites and not meeting.sites[site].main


def holder_of_seat(meeting: Meeting, person: str) -> Member:
    """Whose place somebody sits on: their own, or that of the member they came for."""
    member = meeting.member(person)
    return meeting.members.get(member.substitute_for, member)


def occupant(meeting: Meeting, label: str) -> Member | None:
    """Who is to sit there: the member, or whoever comes for them."""
    found = next((one for one in meeting.members.values() if one.seat == label and not one.substitute_for), None)
    return meeting.members.get(found.substituted_by, found) if found is not None else None


def _rank(meeting: Meeting, member: Member) -> tuple[bool, bool, int, str]:
    return member.id != meeting.chair, set(member.roles) == {Role.GUEST}, member.precedence, member.id


def _plan_of(meeting: Meeting) -> list[str]:
    if meeting.seating is None:
        raise Refused("seats.no_plan")
    return meeting.seating.plan.labels()


def _still_there(meeting: Meeting, labels: Iterable[str]) -> dict[str, str]:
    """Who keeps their place: it is one of these, and they are the first who has it."""
    known, kept = set(labels), dict[str, str]()
    for one in sorted(meeting.members.values(), key=lambda one: _rank(meeting, one)):
        if one.seat in known:
            known.discard(one.seat)
            kept[one.id] = one.seat
    return kept


def _changes(meeting: Meeting, seats: dict[str, str]) -> Iterable[Event]:
    """What differs from how people sit now; whoever is not named has no place."""
    changed = {one.id: seats.get(one.id, "") for one in meeting.members.values() if one.seat != seats.get(one.id, "")}
    if changed:
        yield SeatsAssigned(changed)
