"""The waiting room ("phòng chờ"): a site that has joined neither sees nor is seen or heard, until it is let in.

The main site and the chair's never wait. Members on their own tablets do not either: they came by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from msgspec.structs import replace

from server.errors import Refused
from server.meetings.acts import BEFORE_CLOSING, RUNNING, By, Command, Event, Moment, Row
from server.meetings.conference import SWITCHERS, waits
from server.meetings.meeting import Meeting
from server.meetings.roles import PREPARERS
from server.meetings.words import Id


class SwitchWaitingRoom(Command, tag="waiting_room.switch"):
    """Whoever prepares or steers the meeting, or the technician, has sites wait until they are let in, or no longer.

    Once the meeting has begun, the sites it has are in: only those added later wait.
    """

    on: bool
    permits: ClassVar = PREPARERS | SWITCHERS
    phases: ClassVar = BEFORE_CLOSING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.waiting_room != self.on:
            begun = self.on and meeting.phase in RUNNING
            yield WaitingRoomSwitched(self.on, tuple(sorted(meeting.sites)) if begun else ())


class WaitingRoomSwitched(Event, tag="waiting_room.switched"):
    """Sites wait to be let in from now on, but for those in already; or nobody waits any more."""

    on: bool
    admitted: tuple[Id, ...]

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, waiting_room=self.on, admitted=self.admitted)


class AdmitSites(Command, tag="waiting_room.admit"):
    """The desk or the technician lets in the sites named, else all that wait."""

    who: tuple[Id, ...] = ()
    permits: ClassVar = SWITCHERS
    phases: ClassVar = RUNNING | {"published"}

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        for site in self.who:
            meeting.site(site)
        if not meeting.waiting_room:
            raise Refused("waiting_room.none")
        if let_in := tuple(site for site in self.who or sorted(meeting.sites) if waits(meeting, site)):
            yield SitesAdmitted(tuple(dict.fromkeys(let_in)))


class SitesAdmitted(Event, tag="waiting_room.admitted"):
    """These sites are let in."""

    who: tuple[Id, ...]

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, admitted=tuple(sorted({*meeting.admitted, *self.who})))
