"""Who takes part from where: members and their attendance, sites, and what a seat calls for."""

from __future__ import annotations

from typing import Literal

from server.clock import Millis
from server.floorplan import FloorPlan
from server.meetings.roles import Role
from server.meetings.words import Id, Line, State


class Attendance(State):
    """Where somebody is, since when, and who says so."""

    state: Literal["expected", "room", "site", "online", "left", "absent"] = "expected"
    since: Millis = 0
    late: bool = False
    excused: bool = False
    reason: Line = ""
    how: Literal["", "arrived", "qr", "secretary", "site"] = ""
    by: Line = ""

    @property
    def present(self) -> bool:
        """In the room, at a site or online."""
        return self.state in {"room", "site", "online"}


class Member(State):
    """A person invited to this meeting."""

    id: Id
    name: Line
    title: Line = ""
    unit: Line = ""
    unit_short: Line = ""
    precedence: int = 1000
    roles: tuple[Role, ...] = (Role.DELEGATE,)
    mandate: bool = False
    """Whether the person is a voting member."""
    site: Line = ""
    """The site where the person sits; empty for the main room, or online by oneself."""
    seat: Line = ""
    substitute_for: Line = ""
    substituted_by: Line = ""
    attendance: Attendance = Attendance()
    only_items: tuple[Id, ...] = ()
    """The items a guest is invited to; empty: the whole meeting. Items removed since stay named, and open nothing."""
    only_substitute: bool = False
    """Whether they are here in somebody's place alone, and leave when they are taken back."""


class Seating(State):
    """The room whose plan the meeting sits by, as it was when it was chosen."""

    room: Id
    name: Line
    plan: FloorPlan


class Site(State):
    """A place that takes part with a camera and a room microphone ("điểm cầu")."""

    id: Id
    name: Line
    short: Line
    order: int
    unit: Line = ""
    room: Line = ""
    technician: Line = ""
    telephone: Line = ""
    main: bool = False


class Voice(State):
    """A site was there by telephone: under which number, and from when to when (0: it still is)."""

    number: Line
    began_at: Millis
    ended_at: Millis = 0


class Call(State):
    """Somebody at a seat or a site calls for help ("Gọi kỹ thuật", "Gọi phục vụ")."""

    id: Id
    by: Id
    """The principal who calls: a person or a site."""
    kind: Literal["technician", "service"]
    note: Line
    at: Millis
    answered_by: Line = ""
    answered_at: Millis = 0
