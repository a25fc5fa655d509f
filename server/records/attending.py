"""Who attended a meeting, from where and for how long, and the annex that lists them.

`event` is the version of the meeting's stream a piece comes from; times are milliseconds since the epoch.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from server.clock import Millis
from server.records.naming import Person


class Presence(StrEnum):
    """Where somebody was, or why not."""

    ROOM = "room"
    SITE = "site"
    ONLINE = "online"
    ABSENT_EXCUSED = "absent_excused"
    ABSENT = "absent"


class Attendee(msgspec.Struct, frozen=True):
    """One line of the attendance list."""

    id: str
    event: int
    person: Person
    presence: Presence
    votes: bool = True
    guest: bool = False
    site: str = ""
    late_at: Millis | None = None
    left_at: Millis | None = None
    reason: str = ""
    substitutes: Person | None = None
    """The person who could not come and whose place is taken ("dự thay")."""

    @property
    def absent(self) -> bool:
        """Whether they did not come at all."""
        return self.presence in {Presence.ABSENT, Presence.ABSENT_EXCUSED}


class Telephoned(msgspec.Struct, frozen=True):
    """A site that was there by telephone: its number, and from when to when where that was not the whole meeting."""

    event: int
    site: str
    number: str
    began: Millis | None = None
    ended: Millis | None = None


class Quorum(msgspec.Struct, frozen=True):
    """How many had to be there and how many were, when the chair opened."""

    event: int
    members: int
    present: int
    needed: int


class Listed(msgspec.Struct, frozen=True):
    """A line of the annex: who, their office, and what is to be said of them (site, dự thay, late, absent and why)."""

    name: str
    office: str
    note: str = ""


class Part(msgspec.Struct, frozen=True):
    """Those who belong together: members, those at the sites, guests, the absent."""

    title: str
    people: tuple[Listed, ...]


class Annex(msgspec.Struct, frozen=True):
    """The list that is too long for the text of the minutes."""

    title: str
    parts: tuple[Part, ...]
