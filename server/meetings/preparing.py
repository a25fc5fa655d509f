"""Preparing a meeting: what it is, who is invited, which sites join; until it is published nobody else sees it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from msgspec.structs import replace

from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import BEFORE_CLOSING, BEFORE_OPENING, By, Command, Event, Moment, Needs, Row
from server.meetings.conference import MicrophonesLocked
from server.meetings.meeting import Meeting
from server.meetings.members import MemberInvited, as_member
from server.meetings.roles import PREPARERS, Role
from server.meetings.rules import Rules
from server.meetings.seats import Site
from server.meetings.words import Id, Line, Time, Title

OWN_WORDS = frozenset({"house", "all", "desk", "mine"})
"""The house itself, and the layers of ink: no principal is called so."""
Form = Literal["room", "online", "hybrid"]


class CreateMeeting(Command, tag="meeting.create"):
    """Somebody who may prepare meetings begins a new one; its rules come from the catalogue of meeting types."""

    title: Title
    kind: Id
    form: Form
    place: Line
    starts_at: Time
    ends_at: Time
    host: Line
    internal: bool = False
    permits: ClassVar = frozenset({Role.UNIT_ADMIN, Role.SECRETARY})
    phases: ClassVar = frozenset({"draft"})

    def needs(self) -> Needs:
        return Needs(creator=True)

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.members:
            raise Refused("meeting.exists")
        if self.kind not in moment.kinds:
            raise Refused("meeting.kind_unknown")
        _check_times(self.starts_at, self.ends_at)
        card, rules = moment.people[by.person], moment.kinds[self.kind]
        times = (self.starts_at, self.ends_at)
        yield MeetingCreated(meeting.id, self.title, rules, self.form, self.place, *times, self.host, self.internal)
        yield MemberInvited(as_member(card, (Role.SECRETARY,), mandate=False))


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
    internal: bool = False

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
            internal=self.internal,
        )


class DescribeMeeting(Command, tag="meeting.describe"):
    """A preparer changes the meeting's title, form, place or time, or makes it an internal one, which once published
    it stays; a client that does not know of this leaves it."""

    title: Title
    form: Form
    place: Line
    starts_at: Time
    ends_at: Time
    internal: bool | None = None
    permits: ClassVar = PREPARERS
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        _check_times(self.starts_at, self.ends_at)
        internal = meeting.internal if self.internal is None else self.internal
        if meeting.internal and not internal and meeting.phase != "draft":
            raise Refused("meeting.stays_internal")
        if internal and not meeting.internal and meeting.recording:
            raise Refused("meeting.recorded_now")
        yield MeetingDescribed(self.title, self.form, self.place, self.starts_at, self.ends_at, internal)


class MeetingDescribed(Event, tag="meeting.described"):
    """The meeting has a new title, form, place or time, or is an internal one."""

    title: Title
    form: Form
    place: Line
    starts_at: Millis
    ends_at: Millis
    internal: bool = False

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(
            meeting,
            title=self.title,
            form=self.form,
            place=self.place,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            internal=self.internal,
        )


class NameChair(Command, tag="chair.name"):
    """A preparer names who is to chair, and the deputy who gets the controls if the chair is cut off."""

    chair: Id
    deputy: Line = ""
    permits: ClassVar = PREPARERS
    phases: ClassVar = BEFORE_OPENING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        for person in filter(None, (self.chair, self.deputy)):
            if Role.GUEST in meeting.member(person).roles:
                raise Refused("chair.not_a_guest")
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

    def needs(self) -> Needs:
        return Needs(people=(self.site.id,))

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        # A site is a principal: under somebody's id, or a word of ours, it would get what is theirs.
        if self.site.id in meeting.members or self.site.id in moment.people or self.site.id in OWN_WORDS:
            raise Refused("site.id_taken")
        if self.site.main and any(s.main and s.id != self.site.id for s in meeting.sites.values()):
            raise Refused("site.main_exists")
        yield SiteAdded(self.site)
        if meeting.locks_newcomers and self.site.id not in meeting.sites:
            yield MicrophonesLocked((self.site.id,), True)


class SiteAdded(Event, tag="site.added"):
    """A site joins the meeting, or is described anew."""

    site: Site

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, sites={**meeting.sites, self.site.id: self.site})


class RemoveSite(Command, tag="site.remove"):
    """A preparer takes off a site that nobody has joined: it is not connected, and nobody is to sit there."""

    site: Id
    permits: ClassVar = PREPARERS | {Role.TECHNICIAN}
    phases: ClassVar = BEFORE_CLOSING

    def needs(self) -> Needs:
        return Needs(line_of=self.site)

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        site = meeting.site(self.site)
        if moment.connected or meeting.telephone_of(self.site):
            raise Refused("site.connected", name=site.name)
        seated = sum(1 for member in meeting.members.values() if member.site == self.site)
        if seated:
            raise Refused("site.has_members", name=site.name, count=seated)
        yield SiteRemoved(self.site)


class SiteRemoved(Event, tag="site.removed"):
    """A site does not take part any more."""

    site: Id

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(
            meeting,
            sites={key: site for key, site in meeting.sites.items() if key != self.site},
            microphones={key: state for key, state in meeting.microphones.items() if key != self.site},
            voices={key: calls for key, calls in meeting.voices.items() if key != self.site},
            pinned="" if meeting.pinned == self.site else meeting.pinned,
            locked=tuple(who for who in meeting.locked if who != self.site),
            admitted=tuple(who for who in meeting.admitted if who != self.site),
        )


class PublishMeeting(Command, tag="meeting.publish"):
    """A preparer publishes the meeting: those invited see it from now on."""

    permits: ClassVar = PREPARERS
    phases: ClassVar = frozenset({"draft"})

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
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
