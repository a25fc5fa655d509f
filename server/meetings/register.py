"""The register of speakers: who wants to speak on which item, of what, and in which order; one order for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from msgspec.structs import replace

from server.errors import Refused
from server.meetings.acts import SITTING, Audience, By, Command, Event, Moment, Row
from server.meetings.guests import invited_to, sees_item
from server.meetings.meeting import Meeting, Request
from server.meetings.roles import ATTENDEES, DESK
from server.meetings.words import Id, Line

Kind = Literal["speech", "question", "order"]
LONGEST_REGISTER = 500


class RequestFloor(Command, tag="floor.request"):
    """A person registers to speak, with a topic: on the current item, or ahead on a later one (`item`).

    `question` names the person questioned; a point of order (`order`) stands before the others.
    """

    topic: Line = ""
    kind: Kind = "speech"
    to: Line = ""
    item: Line = ""
    permits: ClassVar = ATTENDEES

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.requests_closed and self.kind != "order":
            raise Refused("floor.register_closed")
        item = self._item(meeting)
        if any((request.person, request.item) == (by.person, item) for request in meeting.requests):
            raise Refused("floor.already_registered")
        if len(meeting.requests) >= LONGEST_REGISTER:
            raise Refused("floor.register_full")
        if self.kind == "question" and (not self.to or self.to == by.person):
            raise Refused("floor.question_to_whom")
        if self.to:
            meeting.member(self.to)
        if item and not invited_to(meeting, item, by.person):
            raise Refused("floor.not_your_item")
        entered = Request(moment.fresh_id(), by.person, item, self.topic, meeting.next_seq, moment.now)
        yield FloorRequested(replace(entered, kind=self.kind, to=self.to if self.kind == "question" else ""))

    def _item(self, meeting: Meeting) -> str:
        current = meeting.current.id if meeting.current else ""
        if not self.item or self.item == current:
            return current
        if meeting.item(self.item).state != "waiting":
            raise Refused("floor.item_over")
        return self.item


class FloorRequested(Event, tag="floor.requested"):
    """Somebody stands in the register."""

    request: Request

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.request.item)

    def apply(self, meeting: Meeting) -> Meeting:
        ahead = tuple(r for r in meeting.requests if r.kind == "order") if self.request.kind == "order" else None
        if ahead is None:
            requests = (*meeting.requests, self.request)
        else:
            # A point of order goes before the speeches, behind earlier points of order.
            requests = (*ahead, self.request, *(r for r in meeting.requests if r.kind != "order"))
        return replace(meeting, requests=requests, next_seq=self.request.seq + 1)


class WithdrawRequest(Command, tag="floor.withdraw"):
    """A person takes their registration back; the desk may strike anybody's."""

    request: Id
    permits: ClassVar = ATTENDEES | DESK
    phases: ClassVar = SITTING | {"break"}

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        request = request_in(meeting, self.request)
        if request.person != by.person and not by.roles & DESK:
            raise Refused("floor.not_yours")
        yield FloorWithdrawn(self.request)


class FloorWithdrawn(Event, tag="floor.withdrawn"):
    """A registration is gone."""

    request: Id

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, requests=tuple(r for r in meeting.requests if r.id != self.request))


class OrderRegister(Command, tag="floor.order"):
    """The desk moves a registration before another one; an empty `before` moves it to the end.

    Points of order stay before the others, whatever is moved.
    """

    request: Id
    before: Line = ""
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        request_in(meeting, self.request)
        order = [r.id for r in meeting.requests if r.id != self.request]
        if self.before:
            request_in(meeting, self.before)
        place = order.index(self.before) if self.before in order else len(order)
        order.insert(place, self.request)
        yield from _ordered(meeting, [request_in(meeting, request) for request in order])


class RegisterOrdered(Event, tag="floor.ordered"):
    """The register stands in this order."""

    order: tuple[Id, ...]

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, requests=tuple(request_in(meeting, request) for request in self.order))


class PutQuietFirst(Command, tag="floor.quiet_first"):
    """The desk takes up the offer to let those speak first who have spoken least in this meeting, by the minutes."""

    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        yield from _ordered(meeting, quietest_first(meeting))


class CloseRegister(Command, tag="floor.register"):
    """The desk closes the register, or opens it again; points of order remain possible. A new item opens it too."""

    closed: bool
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.requests_closed != self.closed:
            yield RegisterClosed(self.closed)


class RegisterClosed(Event, tag="floor.register_closed"):
    """Nobody can register any more, or they can again."""

    closed: bool

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, requests_closed=self.closed)


def quietest_first(meeting: Meeting) -> list[Request]:
    """The register with those first who have spoken least; an offer to the chair, not the order.

    Where minutes are even its own order stays: whom the chair has moved forward does not fall back.
    """
    return sorted(meeting.requests, key=lambda r: (r.kind != "order", meeting.spoken.get(r.person, 0)))


def _ordered(meeting: Meeting, wanted: list[Request]) -> Iterable[Event]:
    order = tuple(request.id for request in sorted(wanted, key=lambda r: r.kind != "order"))
    if order != tuple(request.id for request in meeting.requests):
        yield RegisterOrdered(order)


def request_in(meeting: Meeting, request_id: str) -> Request:
    """The registration, or `Refused("floor.request_unknown")`."""
    for request in meeting.requests:
        if request.id == request_id:
            return request
    raise Refused("floor.request_unknown")
