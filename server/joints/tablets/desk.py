"""A shared tablet and the meetings of its room: whom it offers, who may sit down, and that it is empty afterwards."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from server.clock import Millis
from server.errors import Forbidden, NotFound
from server.meetings.acts import AROUND
from server.meetings.meeting import Meeting, Member
from server.meetings.seating import occupant, sitting_here
from server.meetings.service import INVITED, Meetings
from server.meetings.views import whose_rights_changed
from server.people.doors import Entered, Knock
from server.people.tablets.bound import KIND, Tablet
from server.people.tablets.service import Sitter, Tablets

Begin = Callable[[Coroutine[Any, Any, Any]], None]
EARLY_MS: Millis = 3 * 3600 * 1000
"""How long before the beginning a published meeting is offered."""
AFTER_THE_END_MS: Millis = 12 * 3600 * 1000


class Who(msgspec.Struct, frozen=True):
    """Somebody who may say "Tôi là …"."""

    id: str
    name: str
    title: str
    unit: str
    instead: str = ""
    """The name of the member they came for."""


class Offer(msgspec.Struct, frozen=True):
    """A meeting of the tablet's room, with who is to sit here and who else there is."""

    meeting: str
    title: str
    starts_at: Millis
    here: Who | None
    people: list[Who]


class TabletDesk:
    """What tablets ask of meetings."""

    def __init__(self, meetings: Meetings, tablets: Tablets, begin: Begin) -> None:
        self.meetings = meetings
        self.tablets = tablets
        self.begin = begin
        meetings.on_change.append(self._changed)

    async def offers(self, tablet: Tablet) -> list[Offer]:
        """The meetings that sit in the tablet's room now or soon, the first to begin first."""
        now, found = self.meetings.clock.now(), list[Offer]()
        for listing in await self.meetings.running():
            if listing.phase == "published" and listing.starts_at - EARLY_MS > now:
                continue
            _, meeting = await self.meetings.standing(listing.id)
            if _sits_in(meeting, tablet.room):
                found.append(_offer(meeting, tablet.seat))
        return sorted(found, key=lambda one: one.starts_at)

    async def sit_down(self, tablet: Tablet, wanted: tuple[str, str], pin: str, knock: Knock) -> Entered:
        """This person sits down for this meeting. `Forbidden`: "tablet.other_room", "tablet.own_account"."""
        meeting_id, person = wanted
        _, meeting = await self.meetings.standing(meeting_id)
        if not _sits_in(meeting, tablet.room):
            raise Forbidden("tablet.other_room")
        member = next((one for one in _who_may(meeting) if one.id == person), None)
        if member is None:
            raise Forbidden("tablet.other_room")
        if not meeting.roles_of(person) <= INVITED[KIND]:
            # Whoever steers shows a password and a second factor, not six digits.
            raise Forbidden("tablet.own_account", name=member.name)
        expires = max(meeting.ends_at, self.meetings.clock.now()) + AFTER_THE_END_MS
        sitter = Sitter(meeting_id, person, member.name, member.unit, expires)
        return await self.tablets.sit_down(tablet, sitter, pin, knock)

    def _changed(self, before: Meeting, after: Meeting) -> None:
        """The meeting stands differently: whoever has an office in it from now on leaves the shared tablet, and what
        they came in by: from there nobody steers, nor sees what is for those who do."""
        for person in whose_rights_changed(before, after):
            if before.roles_of(person) <= INVITED[KIND] and not after.roles_of(person) <= INVITED[KIND]:
                self.begin(self.tablets.doors.revoke(after.id, person))

    async def closed(self, meeting_id: str) -> None:
        """The meeting is over: its tablets are nobody's."""
        await self.tablets.wipe(meeting_id)

    async def tidy(self) -> None:
        """Empty the tablets of meetings that were closed where nobody could tell this process."""
        for meeting_id in await self.tablets.meetings():
            if await self._is_over(meeting_id):
                await self.closed(meeting_id)

    async def _is_over(self, meeting_id: str) -> bool:
        try:
            _, meeting = await self.meetings.standing(meeting_id)
        except NotFound:
            return True
        return meeting.phase not in AROUND


def _sits_in(meeting: Meeting, room: str) -> bool:
    return meeting.seating is not None and meeting.seating.room == room and meeting.phase in AROUND


def _who_may(meeting: Meeting) -> list[Member]:
    """Everybody who is to sit in the room: substitutes instead of those they came for."""
    held = [meeting.members.get(one.substituted_by, one) for one in sitting_here(meeting)]
    return sorted(held, key=lambda one: (one.precedence, one.id))


def _offer(meeting: Meeting, seat: str) -> Offer:
    here = occupant(meeting, seat)
    people = [_who(meeting, one) for one in _who_may(meeting)]
    return Offer(meeting.id, meeting.title, meeting.starts_at, _who(meeting, here) if here else None, people)


def _who(meeting: Meeting, member: Member) -> Who:
    replaced = meeting.members.get(member.substitute_for)
    return Who(member.id, member.name, member.title, member.unit_short, replaced.name if replaced else "")
