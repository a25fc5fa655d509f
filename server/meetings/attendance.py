"""Who is really there. Attendance is on the record; whether a tablet is connected just now is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

import msgspec
from msgspec.structs import replace

from server.errors import Refused
from server.meetings.acts import AROUND, EVERYWHERE, By, Command, Event, Moment, Needs, Row
from server.meetings.conference import place_of
from server.meetings.floor import end_speech
from server.meetings.meeting import Attendance, Meeting, Member
from server.meetings.revoking import substitute_leaves
from server.meetings.roles import ATTENDEES, RECORDERS, Role
from server.meetings.words import Id, Line, Time

Place = Literal["room", "site", "online"]


class Arrive(Command, tag="attendance.arrive"):
    """A person checks in for themselves: their tablet joined, or they read the QR code at the door."""

    place: Place
    how: Literal["arrived", "qr"] = "arrived"
    permits: ClassVar = ATTENDEES
    phases: ClassVar = AROUND
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        member = meeting.member(by.person)
        # A tablet does not know where it stands; the code at the door hangs in the main room.
        place = "site" if member.site and self.place == "room" and self.how != "qr" else self.place
        if place == "site" and not member.site:
            raise Refused("attendance.no_site")
        standing = member.attendance
        if standing.present and (standing.state == place or self.how == "arrived"):
            return
        if member.substituted_by:
            raise Refused("attendance.substituted")
        late = meeting.phase != "published" and (standing.late or standing.state in {"expected", "absent"})
        since = standing.since if standing.present else moment.now
        arrived = Attendance(place, since, late=late, how=self.how, by=by.person)
        yield from _now_there(meeting, by.person, arrived, moment)


class RecordAttendance(Command, tag="attendance.record"):
    """The secretary or the desk records somebody's attendance, now or corrected later, with who said so.

    `at` is when it was so, where it is recorded afterwards; 0: just now.
    """

    person: Id
    state: Literal["expected", "room", "site", "online", "left", "absent"]
    excused: bool = False
    reason: Line = ""
    late: bool = False
    at: Time = 0
    permits: ClassVar = RECORDERS
    phases: ClassVar = EVERYWHERE - {"draft"}
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        member = meeting.member(self.person)
        if self.state == "site" and not member.site:
            raise Refused("attendance.no_site")
        if self.state in {"room", "site", "online"} and member.substituted_by:
            raise Refused("attendance.substituted")
        if self.at > moment.now:
            raise Refused("attendance.not_yet")
        recorded = Attendance(
            self.state,
            self.at or moment.now,
            late=self.late,
            excused=self.excused,
            reason=self.reason,
            how="secretary",
            by=by.person,
        )
        since = self.at or member.attendance.since
        if replace(recorded, since=since) != member.attendance:
            yield from _now_there(meeting, self.person, recorded, moment)


class RecordAtSite(Command, tag="attendance.at_site"):
    """A branch site's screen says that somebody of that site is there, or has left it; of nobody else."""

    person: Id
    there: bool
    permits: ClassVar = frozenset({Role.SITE})
    phases: ClassVar = AROUND
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        member, standing = meeting.member(self.person), meeting.member(self.person).attendance
        if member.site != by.person:
            raise Refused("attendance.other_site")
        if self.there and member.substituted_by:
            raise Refused("attendance.substituted")
        is_there = standing.state == "site"
        if self.there and not is_there:
            late = meeting.phase != "published" and (standing.late or standing.state in {"expected", "absent"})
            since = standing.since if standing.present else moment.now
            arrived = Attendance("site", since, late=late, how="site", by=by.person)
            yield from _now_there(meeting, self.person, arrived, moment)
        if is_there and not self.there:
            left = replace(standing, state="left", since=moment.now, reason="", how="site", by=by.person)
            yield from _now_there(meeting, self.person, left, moment)


class Leave(Command, tag="attendance.leave"):
    """A person says that they leave the meeting before its end."""

    reason: Line = ""
    permits: ClassVar = ATTENDEES
    phases: ClassVar = AROUND
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        standing = meeting.member(by.person).attendance
        if standing.present:
            left = replace(standing, state="left", since=moment.now, reason=self.reason, by=by.person)
            yield from _now_there(meeting, by.person, left, moment)


def _now_there(meeting: Meeting, person: str, attendance: Attendance, moment: Moment) -> Iterable[Event]:
    """On record, and the speech of whoever is not where they were given the floor is over: the floor would go on in
    another place, where a microphone would open unawares."""
    recorded = AttendanceRecorded(person, attendance)
    if meeting.speaking is not None and meeting.speaking.person == person:
        moved = place_of(recorded.apply(meeting), person) != place_of(meeting, person)
        if moved or not attendance.present:
            yield from end_speech(meeting, moment)
    yield recorded


class AttendanceRecorded(Event, tag="attendance.recorded"):
    """It is on record where somebody is."""

    person: Id
    attendance: Attendance

    def apply(self, meeting: Meeting) -> Meeting:
        return meeting.with_member(replace(meeting.member(self.person), attendance=self.attendance))


class NameSubstitute(Command, tag="attendance.substitute"):
    """The secretary or the desk names who comes in a member's place ("dự thay"); an empty name takes it back.

    A substitute speaks; whether they vote is a rule of the meeting type. Whoever came for this alone leaves with it.
    """

    person: Id
    substitute: Line
    reason: Line = ""
    permits: ClassVar = RECORDERS
    phases: ClassVar = AROUND
    while_stopped: ClassVar = True

    def needs(self) -> Needs:
        return Needs(people=(self.substitute,) if self.substitute else ())

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        member = meeting.member(self.person)
        if any(ballot.state == "open" for ballot in meeting.ballots.values()):
            # The electorate is fixed: whoever is taken back would go on voting, and their member could not.
            raise Refused("member.ballot_open")
        named = self._deputized(meeting, moment, member) if self.substitute else None
        if named is None and not member.substituted_by:
            return
        yield SubstituteNamed(self.person, named, self.reason if named else "")
        if named and member.attendance.state == "left":  # who was there and went home stays on record as that
            yield AttendanceRecorded(self.person, member.attendance)
        if member.substituted_by != self.substitute:
            yield from substitute_leaves(meeting, member.substituted_by, moment)

    def _deputized(self, meeting: Meeting, moment: Moment, member: Member) -> Member:
        known = meeting.members.get(self.substitute)
        if self.substitute == self.person or member.attendance.present:
            raise Refused("substitute.member_present")
        if known is not None and (known.mandate or known.substitute_for not in {"", self.person}):
            raise Refused("substitute.is_member")
        if known is not None:
            return replace(known, substitute_for=self.person, site=member.site)
        if self.substitute not in moment.people:
            raise Refused("member.unknown")
        card = msgspec.structs.asdict(moment.people[self.substitute])
        return Member(**card, substitute_for=self.person, site=member.site, only_substitute=True)


class SubstituteNamed(Event, tag="attendance.substituted"):
    """Somebody comes in a member's place, or no longer does."""

    person: Id
    substitute: Member | None
    reason: Line

    def apply(self, meeting: Meeting) -> Meeting:
        member = meeting.member(self.person)
        before = meeting.members.get(member.substituted_by)
        if before is not None:
            meeting = meeting.with_member(replace(before, substitute_for=""))
        if self.substitute is None:
            return meeting.with_member(replace(member, substituted_by=""))
        meeting = meeting.with_member(self.substitute)
        absent = replace(member.attendance, state="absent", excused=True, reason=self.reason)
        return meeting.with_member(replace(member, substituted_by=self.substitute.id, attendance=absent))


class Quorum(msgspec.Struct, frozen=True):
    """How many voting members there are, how many are present and how many are needed."""

    present: int
    needed: int
    of_all: int

    @property
    def reached(self) -> bool:
        """Whether the meeting may sit."""
        return self.present >= self.needed


def quorum(meeting: Meeting) -> Quorum:
    """The count by the type's rule; the needed number is rounded up. A substitute counts only where they vote."""
    mandates = [member for member in meeting.members.values() if member.mandate]
    present = sum(1 for member in mandates if holder_present(meeting, member))
    needed = -(-len(mandates) * meeting.rules.quorum_of // meeting.rules.quorum_per)
    return Quorum(present, needed, len(mandates))


def holder_of(meeting: Meeting, member: Member) -> Member | None:
    """Who holds the member's mandate now: the member, or a substitute where the type lets substitutes vote."""
    if not member.substituted_by:
        return member
    return meeting.members.get(member.substituted_by) if meeting.rules.substitutes_vote else None


def holder_present(meeting: Meeting, member: Member) -> bool:
    """Whether whoever holds the member's mandate is there."""
    holder = holder_of(meeting, member)
    return holder is not None and holder.attendance.present
