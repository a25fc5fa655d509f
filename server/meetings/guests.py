"""Guests of certain items: whoever is invited to these sees nothing of the others but that there are such."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from msgspec import Meta
from msgspec.structs import replace

from server.errors import Refused
from server.meetings.acts import BEFORE_CLOSING, Audience, By, Command, Event, Moment, Row
from server.meetings.meeting import Item, Meeting
from server.meetings.roles import PREPARERS, Role
from server.meetings.seats import Member
from server.meetings.words import Id

OTHER_ITEM = "Nội dung khác"
"""What an item is called before those who are not invited to it."""
ONLY_A_GUEST = frozenset({Role.GUEST, Role.PRESENTER})


class LimitGuest(Command, tag="member.limit"):
    """A preparer invites a guest to certain items; none named: to the whole meeting."""

    person: Id
    items: Annotated[tuple[Id, ...], Meta(max_length=200)] = ()
    permits: ClassVar = PREPARERS
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        member = meeting.member(self.person)
        if self.items and not _is_only_guest(meeting, member):
            raise Refused("member.not_a_guest", name=member.name)
        items = tuple(item.id for item in meeting.items if item.id in self.items)
        if len(items) != len(set(self.items)):
            raise Refused("item.unknown")
        if member.only_items != items:
            yield GuestLimited(self.person, items)


class GuestLimited(Event, tag="member.limited"):
    """A guest is invited to these items; none named: to the whole meeting."""

    person: Id
    items: tuple[Id, ...]

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_member(replace(meeting.member(self.person), only_items=self.items))


class EveryoneBut:
    """An audience: everyone admitted to the meeting, except these people."""

    def __init__(self, absent: frozenset[str]) -> None:
        self.absent = absent

    def __contains__(self, person: object) -> bool:
        return person not in self.absent


def limited(meeting: Meeting) -> list[Member]:
    """The guests who are invited to certain items only."""
    named = (member for member in meeting.members.values() if member.only_items)
    return [member for member in named if _is_only_guest(meeting, member)]


def invited_to(meeting: Meeting, item: str, person: str) -> bool:
    """Whether an item is open to this principal; what belongs to no item is."""
    member = meeting.members.get(person)
    if not item or member is None or not member.only_items:
        return True
    return item in member.only_items or not _is_only_guest(meeting, member)


def sees_item(meeting: Meeting, item: str) -> Audience:
    """Who may know what happens in an item; what belongs to no item is for everyone."""
    if not item:
        return None
    absent = frozenset(member.id for member in limited(meeting) if item not in member.only_items)
    return EveryoneBut(absent) if absent else None


def without_items(meeting: Meeting, hidden: frozenset[str]) -> Meeting:
    """The meeting with nothing told of these items: neither words nor papers, ballots and topics."""
    if not hidden:
        return meeting
    speech = meeting.speaking
    return replace(
        meeting,
        items=tuple(_veiled(item) if item.id in hidden else item for item in meeting.items),
        papers={key: paper for key, paper in meeting.papers.items() if paper.item not in hidden},
        ballots={key: ballot for key, ballot in meeting.ballots.items() if ballot.item not in hidden},
        requests=tuple(replace(r, topic="", to="") if r.item in hidden else r for r in meeting.requests),
        speaking=replace(speech, topic="", to="", answers="") if speech and speech.item in hidden else speech,
        questions=tuple(replace(q, topic="", to="") if q.item in hidden else q for q in meeting.questions),
    )


def hidden_from(meeting: Meeting, person: str) -> frozenset[str]:
    """The items this principal is not invited to."""
    return frozenset(item.id for item in meeting.items if not invited_to(meeting, item.id, person))


def hidden_from_some(meeting: Meeting) -> frozenset[str]:
    """The items that some guest is not invited to: they are no part of what everybody sees."""
    guests = limited(meeting)
    return frozenset(item.id for item in meeting.items if any(item.id not in guest.only_items for guest in guests))


def _veiled(item: Item) -> Item:
    return replace(item, title=OTHER_ITEM, short=OTHER_ITEM, presenter="", conclusion="", kind="")


def _is_only_guest(meeting: Meeting, member: Member) -> bool:
    return Role.GUEST in member.roles and meeting.roles_of(member.id) <= ONLY_A_GUEST and not member.mandate
