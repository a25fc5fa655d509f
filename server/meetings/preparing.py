"""Preparing a meeting: what it is, who is invited, which sites join; until it is published nobody else sees it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import BEFORE_CLOSING, By, Command, Event, Moment, Needs, VoteCast
from server.meetings.meeting import Attendance, Meeting, Member, Site
from server.meetings.roles import PREPARERS, Role
from server.meetings.rules import Rules
from server.meetings.words import Id, Line, Title

GIVEN_ROLES = frozenset({Role.DEPUTY, Role.SECRETARY, Role.DELEGATE, Role.GUEST, Role.TECHNICIAN})
"""Roles a preparer may give; the others follow from the meeting's course or from the chair's own field."""

Form = Literal["room", "online", "hybrid"]
People = Annotated[tuple[Id, ...], Meta(min_length=1, max_length=1000)]


class CreateMeeting(Command, tag="meeting.create"):
    """Somebody who may prepare meetings begins a new one, by its type."""

    title: Title
    rules: Rules
    form: Form
    place: Line
    starts_at: Millis
    ends_at: Millis
    host: Line
    permits: ClassVar = frozenset({Role.UNIT_ADMIN, Role.SECRETARY})
    phases: ClassVar = frozenset({"draft"})

    def needs(self) -> Needs:
        return Needs(creator=True)

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        if meeting.members:
            raise Refused("meeting.exists")
        _check_times(self.starts_at, self.ends_at)
        card = moment.people[by.person]
        yield MeetingCreated(
            meeting.id, self.title, self.rules, self.form, self.place, self.starts_at, self.ends_at, self.host
        )
        yield MemberInvited(_as_member(card, (Role.SECRETARY,), mandate=False))


class MeetingCreated(Event, tag="meeting.created"):
    """A new meeting is being prepared."""

    id: Id
    title: Title
    rules: Rules
    form: Form
    place: Line
    starts_at: Millis
    ends_at: Millis
    host: Line

    def apply(self, meeting: Meeting) -> Meeting:
        return Meeting(
            self.id,
            self.title,
            self.rules,
            form=self.form,
            place=self.place,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            host=self.host,
        )


class DescribeMeeting(Command, tag="meeting.describe"):
    """A preparer changes the meeting's title, form, place or time."""

    title: Title
    form: Form
    place: Line
    starts_at: Millis
    ends_at: Millis
    permits: ClassVar = PREPARERS
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        _check_times(self.starts_at, self.ends_at)
        yield MeetingDescribed(self.title, self.form, self.place, self.starts_at, self.ends_at)


class MeetingDescribed(Event, tag="meeting.described"):
    """The meeting has a new title, form, place or time."""

    title: Title
    form: Form
    place: Line
    starts_at: Millis
    ends_at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(
            meeting,
            title=self.title,
            form=self.form,
            place=self.place,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        )


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

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        roles = _given(self.roles)
        _check_site(meeting, self.site)
        for person in self.people:
            if person in meeting.members:
                continue
            if person not in moment.people:
                raise Refused("member.unknown")
            yield MemberInvited(_as_member(moment.people[person], roles, self.mandate, self.site))


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

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        meeting.member(self.person)
        _check_site(meeting, self.site)
        if any(ballot.state == "open" for ballot in meeting.ballots.values()):
            raise Refused("member.ballot_open")
        yield MemberChanged(self.person, _given(self.roles), self.mandate, self.site, self.seat)


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
    """A preparer takes somebody off the list, as long as the meeting has not begun."""

    person: Id
    permits: ClassVar = PREPARERS
    phases: ClassVar = frozenset({"draft", "published"})

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        meeting.member(self.person)
        if self.person == by.person:
            raise Refused("member.not_oneself")
        yield MemberRemoved(self.person)


class MemberRemoved(Event, tag="member.removed"):
    """Somebody does not belong to the meeting any more."""

    person: Id

    def apply(self, meeting: Meeting) -> Meeting:
        members = {key: member for key, member in meeting.members.items() if key != self.person}
        items = tuple(replace(i, presenter="") if i.presenter == self.person else i for i in meeting.items)
        chair = "" if meeting.chair == self.person else meeting.chair
        deputy = "" if meeting.deputy == self.person else meeting.deputy
        return replace(meeting, members=members, items=items, chair=chair, deputy=deputy)


class NameChair(Command, tag="chair.name"):
    """A preparer names who is to chair, and the deputy who gets the controls if the chair is cut off."""

    chair: Id
    deputy: Line = ""
    permits: ClassVar = PREPARERS
    phases: ClassVar = frozenset({"draft", "published"})

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        meeting.member(self.chair)
        if self.deputy:
            meeting.member(self.deputy)
        if self.deputy == self.chair:
            raise Refused("chair.own_deputy")
        yield ChairNamed(self.chair, self.deputy)


class ChairNamed(Event, tag="chair.named"):
    """It is known who chairs, and who is the deputy."""

    chair: Id
    deputy: Line

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, chair=self.chair, deputy=self.deputy)


class AddSite(Command, tag="site.add"):
    """A preparer adds a site, or corrects what is known of it; sites stand in protocol order."""

    site: Site
    permits: ClassVar = PREPARERS | {Role.TECHNICIAN}
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        if self.site.id in meeting.members:
            raise Refused("site.id_taken")
        if self.site.main and any(s.main and s.id != self.site.id for s in meeting.sites.values()):
            raise Refused("site.main_exists")
        yield SiteAdded(self.site)


class SiteAdded(Event, tag="site.added"):
    """A site joins the meeting, or is described anew."""

    site: Site

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, sites={**meeting.sites, self.site.id: self.site})


class PublishMeeting(Command, tag="meeting.publish"):
    """A preparer publishes the meeting: those invited see it from now on."""

    permits: ClassVar = PREPARERS
    phases: ClassVar = frozenset({"draft"})

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        if not meeting.chair:
            raise Refused("publish.no_chair")
        if not meeting.items:
            raise Refused("publish.no_items")
        yield MeetingPublished(moment.now)


class MeetingPublished(Event, tag="meeting.published"):
    """Those invited see the meeting."""

    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, phase="published")


def _check_times(starts_at: Millis, ends_at: Millis) -> None:
    if ends_at <= starts_at:
        raise Refused("meeting.ends_before_start")


def _check_site(meeting: Meeting, site: str) -> None:
    if site and site not in meeting.sites:
        raise Refused("site.unknown")


def _given(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    if not roles or not GIVEN_ROLES.issuperset(roles):
        raise Refused("member.role_not_given")
    return tuple(sorted(set(roles)))


def _as_member(card: msgspec.Struct, roles: tuple[Role, ...], mandate: bool, site: str = "") -> Member:
    known = msgspec.structs.asdict(card)
    return Member(**known, roles=roles, mandate=mandate, site=site, attendance=Attendance())
