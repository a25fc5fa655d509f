"""The agenda: items in order, one of them current, each with its papers and its conclusion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from msgspec.structs import replace

from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import (
    BEFORE_CLOSING,
    BEFORE_OPENING,
    EVERYWHERE,
    RUNNING,
    Audience,
    By,
    Command,
    Event,
    Moment,
    Row,
)
from server.meetings.floor import end_speech
from server.meetings.guests import sees_item
from server.meetings.meeting import Item, Meeting
from server.meetings.register import RegisterClosed
from server.meetings.roles import DESK, DESK_AND_SECRETARY, PREPARERS
from server.meetings.words import Id, Line, Minutes, Short, Text, Title

Kind = Literal["", "content", "procedure"]


class AddItem(Command, tag="item.add"):
    """A preparer, or the chair during the meeting, adds an item at the end of the agenda."""

    title: Title
    short: Short
    minutes: Minutes = 15
    presenter: Line = ""
    kind: Kind = ""
    permits: ClassVar = PREPARERS | DESK
    phases: ClassVar = BEFORE_CLOSING
    for_chair: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if self.presenter:
            meeting.member(self.presenter)
        if len(meeting.items) >= 200:
            raise Refused("item.too_many")
        added = Item(moment.fresh_id(), self.title, self.short, self.minutes, self.presenter, kind=self.kind)
        yield ItemAdded(added)


class ItemAdded(Event, tag="item.added"):
    """The agenda has one more item."""

    item: Item

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.item.id)

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, items=(*meeting.items, self.item))


class EditItem(Command, tag="item.edit"):
    """A preparer changes an item's words, time or presenter."""

    item: Id
    title: Title
    short: Short
    minutes: Minutes
    presenter: Line = ""
    kind: Kind = ""
    permits: ClassVar = PREPARERS
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        meeting.item(self.item)
        if self.presenter:
            meeting.member(self.presenter)
        yield ItemEdited(self.item, self.title, self.short, self.minutes, self.presenter, self.kind)


class ItemEdited(Event, tag="item.edited"):
    """An item has other words, time or presenter."""

    item: Id
    title: Title
    short: Short
    minutes: int
    presenter: Line
    kind: Kind = ""

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.item)

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_item(
            replace(
                meeting.item(self.item),
                title=self.title,
                short=self.short,
                minutes=self.minutes,
                presenter=self.presenter,
                kind=self.kind,
            )
        )


class MoveItem(Command, tag="item.move"):
    """A preparer or the chair moves an item before another one; an empty `before` moves it to the end."""

    item: Id
    before: Line = ""
    permits: ClassVar = PREPARERS | DESK
    phases: ClassVar = BEFORE_CLOSING
    for_chair: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        meeting.item(self.item)
        order = [item.id for item in meeting.items if item.id != self.item]
        if self.before:
            meeting.item(self.before)
        place = order.index(self.before) if self.before in order else len(order)
        order.insert(place, self.item)
        if order != [item.id for item in meeting.items]:
            yield AgendaOrdered(tuple(order))


class AgendaOrdered(Event, tag="agenda.ordered"):
    """The items stand in this order."""

    order: tuple[Id, ...]

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, items=tuple(meeting.item(item) for item in self.order))


class RemoveItem(Command, tag="item.remove"):
    """A preparer takes an item without course off the agenda, with its papers."""

    item: Id
    permits: ClassVar = PREPARERS
    phases: ClassVar = BEFORE_OPENING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        meeting.item(self.item)
        yield ItemRemoved(self.item)


class ItemRemoved(Event, tag="item.removed"):
    """The agenda has one item less."""

    item: Id

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(
            meeting,
            items=tuple(item for item in meeting.items if item.id != self.item),
            papers={key: paper for key, paper in meeting.papers.items() if paper.item != self.item},
            ballots={key: ballot for key, ballot in meeting.ballots.items() if ballot.item != self.item},
        )


class StartItem(Command, tag="item.start"):
    """The chair goes to an item; the current one is thereby done. Done and postponed items can be taken up again."""

    item: Id
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        wanted = meeting.item(self.item)
        if wanted.state == "current":
            return
        yield from leave_current(meeting, moment, "done")
        yield ItemStarted(self.item, moment.now)
        if meeting.requests_closed:
            # It was closed for the item before.
            yield RegisterClosed(False)


class ItemStarted(Event, tag="item.started"):
    """An item is being dealt with."""

    item: Id
    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_item(replace(meeting.item(self.item), state="current", began_at=self.at, ended_at=0))


class FinishItem(Command, tag="item.finish"):
    """The chair ends the current item, as done or postponed."""

    state: Literal["done", "postponed"] = "done"
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.current is None:
            raise Refused("item.none_current")
        yield from leave_current(meeting, moment, self.state)


class PostponeItem(Command, tag="item.postpone"):
    """The chair postpones an item that has not been reached."""

    item: Id
    permits: ClassVar = DESK
    phases: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        item = meeting.item(self.item)
        if item.state == "current":
            yield from leave_current(meeting, moment, "postponed")
        elif item.state == "waiting":
            yield ItemFinished(self.item, "postponed", moment.now)


class ItemFinished(Event, tag="item.finished"):
    """An item is done or postponed."""

    item: Id
    state: Literal["done", "postponed"]
    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        item = meeting.item(self.item)
        spent = item.spent + (self.at - item.began_at if item.state == "current" else 0)
        return meeting.with_item(replace(item, state=self.state, ended_at=self.at, spent=spent))


class ConcludeItem(Command, tag="item.conclude"):
    """The secretary or the chair writes an item's conclusion."""

    item: Id
    text: Text
    permits: ClassVar = DESK_AND_SECRETARY
    phases: ClassVar = EVERYWHERE - BEFORE_OPENING
    for_chair: ClassVar = phases

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.item(self.item).conclusion != self.text:
            yield ItemConcluded(self.item, self.text)


class ItemConcluded(Event, tag="item.concluded"):
    """An item has a conclusion."""

    item: Id
    text: Text

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.item)

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_item(replace(meeting.item(self.item), conclusion=self.text))


def leave_current(meeting: Meeting, moment: Moment, state: Literal["done", "postponed"]) -> Iterable[Event]:
    """What ends with the current item: the floor, then the item. An open ballot must be closed first."""
    current = meeting.current
    if current is None:
        return
    if any(ballot.state == "open" for ballot in meeting.ballots.values()):
        raise Refused("item.ballot_open")
    yield from end_speech(meeting, moment)
    # The clock may have been turned back: no item takes less than no time.
    yield ItemFinished(current.id, state, max(moment.now, current.began_at))
