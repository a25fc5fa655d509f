"""Sites that take part by telephone ("dự qua điện thoại"): on record with their number, heard in the main room."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from msgspec.structs import replace

from server.clock import Millis
from server.errors import Forbidden, Refused
from server.meetings.acts import AROUND, By, Command, Event, Moment, Row
from server.meetings.attendance import AttendanceRecorded
from server.meetings.meeting import Attendance, Meeting, Member
from server.meetings.roles import RECORDERS, Role
from server.meetings.seats import Voice
from server.meetings.words import Id, Line

TELEPHONE = re.compile(r"\+?[0-9][0-9 .()-]{2,29}")
MOST_CALLS = 20
"""Of one site in one meeting."""


class TelephoneSite(Command, tag="site.telephone"):
    """The desk, the secretary or the technician records that a site is there by voice; an empty number ends it.

    `present` are those of its members who have answered: they are there as if the line carried their picture.
    """

    site: Id
    number: Line = ""
    present: tuple[Id, ...] = ()
    permits: ClassVar = RECORDERS | {Role.TECHNICIAN}
    phases: ClassVar = AROUND

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        number = self._checked(meeting)
        if self.present and not by.roles & RECORDERS:
            raise Forbidden("role.not_allowed")
        arrived = [member for person in self.present if (member := self._seated(meeting, person))]
        if number != meeting.telephone_of(self.site):
            yield SiteTelephoned(self.site, number, moment.now)
        for member in arrived:
            standing = member.attendance
            late = meeting.phase != "published" and (standing.late or standing.state in {"expected", "absent"})
            there = Attendance("site", moment.now, late=late, how="secretary", by=by.person)
            yield AttendanceRecorded(member.id, there)

    def _checked(self, meeting: Meeting) -> str:
        """The number as it is kept."""
        site, number = meeting.site(self.site), " ".join(self.number.split())
        if not number:
            return ""
        if site.main:
            raise Refused("site.main_by_telephone")
        if not TELEPHONE.fullmatch(number):
            raise Refused("site.telephone_form", telephone=number)
        if len(meeting.voices.get(self.site, ())) >= MOST_CALLS:
            raise Refused("site.too_many_calls", most=MOST_CALLS)
        return number

    def _seated(self, meeting: Meeting, person: str) -> Member | None:
        """Whoever sits there and is not on record as present yet."""
        member = meeting.member(person)
        if not self.number.strip() or member.site != self.site:
            raise Refused("attendance.no_site")
        if member.substituted_by:
            raise Refused("attendance.substituted")
        return None if member.attendance.present else member


class SiteTelephoned(Event, tag="site.telephoned"):
    """A site is there by voice from this moment, under this number; without one it no longer is."""

    site: Id
    number: Line
    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        known = meeting.voices.get(self.site, ())
        ended = tuple(replace(one, ended_at=self.at) if not one.ended_at else one for one in known)
        began = (Voice(self.number, self.at),) if self.number else ()
        return replace(meeting, voices={**meeting.voices, self.site: (*ended, *began)})
