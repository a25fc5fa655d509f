"""Who is invited: people from the tree, in roles that a meeting gives, with or without a vote."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from server.errors import Forbidden, Refused
from server.meetings.acts import BEFORE_CLOSING, RUNNING, By, Card, Command, Event, Moment, Needs, Row
from server.meetings.attendance import AttendanceRecorded
from server.meetings.meeting import Meeting, without_presenter
from server.meetings.roles import PREPARERS, Role
from server.meetings.seats import Attendance, Member
from server.meetings.words import Id, Line

GIVEN_ROLES = frozenset({Role.DEPUTY, Role.SECRETARY, Role.DELEGATE, Role.GUEST, Role.TECHNICIAN})
"""Roles a preparer may give; the others follow from the meeting's course or from the chair's own field."""

People = Annotated[tuple[Id, ...], Meta(min_length=1, max_length=1000)]


class InviteMembers(Command, tag="member.invite"):
    """A preparer invites people, in the same roles and with or without a vote."""

    people: People
    roles: tuple[Role, ...] = (Role.DELEGATE,)
    mandate: bool = False
    site: Line = ""
    permits: ClassVar = PREPARERS
    phases: ClassVar = BEFORE_CLOSING

    def needs(self) -> Needs:
        return Needs(people=self.people)

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        roles = _given(self.roles)
        if Role.DEPUTY in roles:
            _may_name_deputy(meeting, by)
        _check_site(meeting, self.site)
        for person in self.people:
            known = meeting.members.get(person)
            if known is not None and known.only_substitute:
                # Invited in their own right now: they stay when they are not needed as a substitute any more.
                yield MemberInvited(replace(known, roles=roles, only_substitute=False))
            if known is not None:
                continue
            if person not in moment.people:
                raise Refused("member.unknown")
            yield MemberInvited(as_member(moment.people[person], roles, self.mandate, self.site))


class MemberInvited(Event, tag="member.invited"):
    """Somebody belongs to the meeting now."""

    member: Member

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_member(self.member)


class ChangeMember(Command, tag="member.change"):
    """A preparer changes somebody's roles, vote, site or seat."""

    person: Id
    roles: tuple[Role, ...]
    mandate: bool
    site: Line = ""
    seat: Line = ""
    permits: ClassVar = PREPARERS
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        member = meeting.member(self.person)
        if Role.DEPUTY in self.roles and Role.DEPUTY not in member.roles:
            _may_name_deputy(meeting, by)
        _check_site(meeting, self.site)
        if any(ballot.state == "open" for ballot in meeting.ballots.values()):
            raise Refused("member.ballot_open")
        if by.person == self.person and Role.SECRETARY in member.roles and Role.SECRETARY not in self.roles:
            # One wrong tap, and nobody may be left who can open the draft: somebody else takes the duty off.
            raise Refused("member.own_duty")
        yield MemberChanged(self.person, _given(self.roles), self.mandate, self.site, self._seat(meeting))
        there = member.attendance
        if self.site != member.site and there.state in {"room", "site"}:  # whoever is there sits elsewhere from now on
            yield AttendanceRecorded(self.person, replace(there, state="site" if self.site else "room"))

    def _seat(self, meeting: Meeting) -> str:
        """The place as it is kept: where there is a plan, it is moved on the plan; who leaves the room leaves it."""
        if meeting.seating is not None and self.seat != meeting.members[self.person].seat:
            raise Refused("seats.by_plan")
        away = self.site in meeting.sites and not meeting.sites[self.site].main
        return "" if meeting.seating is not None and away else self.seat


class MemberChanged(Event, tag="member.changed"):
    """Somebody's roles, vote, site or seat are different now."""

    person: Id
    roles: tuple[Role, ...]
    mandate: bool
    site: Line
    seat: Line

    def apply(self, meeting: Meeting) -> Meeting:
        member = meeting.member(self.person)
        return meeting.with_member(
            replace(member, roles=self.roles, mandate=self.mandate, site=self.site, seat=self.seat)
        )


class RemoveMember(Command, tag="member.remove"):
    """A preparer takes somebody off the list of a draft; once it is published, invitations are revoked instead."""

    person: Id
    permits: ClassVar = PREPARERS
    phases: ClassVar = frozenset({"draft"})

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        meeting.member(self.person)
        if self.person == by.person:
            raise Refused("member.not_oneself")
        yield MemberRemoved(self.person)


class MemberRemoved(Event, tag="member.removed"):
    """Somebody does not belong to the meeting any more."""

    person: Id

    def apply(self, meeting: Meeting) -> Meeting:
        members = {key: member for key, member in meeting.members.items() if key != self.person}
        items = without_presenter(meeting.items, self.person)
        chair = "" if meeting.chair == self.person else meeting.chair
        deputy = "" if meeting.deputy == self.person else meeting.deputy
        return replace(meeting, members=members, items=items, chair=chair, deputy=deputy)


def _may_name_deputy(meeting: Meeting, by: By) -> None:
    """A deputy is named beforehand, or by the chair: whoever named themselves would steer, and confirm what takes two
    people."""
    if meeting.phase in RUNNING and Role.CHAIR not in by.roles:
        raise Forbidden("member.deputy_by_chair")


def _check_site(meeting: Meeting, site: str) -> None:
    if site and site not in meeting.sites:
        raise Refused("site.unknown")


def _given(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    if not roles or not GIVEN_ROLES.issuperset(roles):
        raise Refused("member.role_not_given")
    return tuple(sorted(set(roles)))


def as_member(card: Card, roles: tuple[Role, ...], mandate: bool, site: str = "") -> Member:
    """The invited person as a member of the meeting."""
    known = msgspec.structs.asdict(card)
    return Member(**known, roles=roles, mandate=mandate, site=site, attendance=Attendance())
