"""Who is connected and who follows: shown live, never kept. Attendance, which is kept, is the meeting's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from server.http import Visitor
from server.meetings.meeting import Meeting
from server.meetings.votes import desk_of
from server.streams import StreamId

GRACE_S = 30.0
"""A tablet that sleeps or changes its network is not gone yet."""
TELL_EVERY_S = 0.5


class Reading(msgspec.Struct, frozen=True):
    """Where one endpoint reads: following the presenter, or alone on a page."""

    person: str
    alone: bool = False
    paper: str = ""
    page: int = 0


class Tell(Protocol):
    """`Live.status`."""

    def __call__(self, stream: StreamId, topic: str, value: Any, audience: frozenset[str] | None = None) -> None: ...


class Presence:
    """Counts endpoints per meeting and tells everybody the numbers, and the desk the names."""

    def __init__(self, tell: Tell, standing: Callable[[str], Meeting | None]) -> None:
        self.tell = tell
        self.standing = standing
        self._endpoints: dict[str, dict[tuple[str, str], Reading]] = {}
        self._leaving: dict[tuple[str, str, str], asyncio.TimerHandle] = {}
        self._connected: dict[str, dict[str, int]] = {}
        self._due: dict[str, asyncio.TimerHandle] = {}

    def is_connected(self, meeting: str, person: str) -> bool:
        """Whether some device of this principal has its line open right now, without any grace."""
        return self._connected.get(meeting, {}).get(person, 0) > 0

    def heard(self, stream: StreamId, visitor: Visitor, endpoint: str, present: bool) -> None:
        """An endpoint came or went (`Live.on_presence`)."""
        kind, _, meeting = stream.partition(":")
        if kind != "meeting":
            return
        people = self._connected.setdefault(meeting, {})
        people[visitor.person] = max(0, people.get(visitor.person, 0) + (1 if present else -1))
        key = (meeting, visitor.person, endpoint)
        waiting = self._leaving.pop(key, None)
        if waiting is not None:
            waiting.cancel()
        if present:
            readings = self._endpoints.setdefault(meeting, {})
            readings.setdefault((visitor.person, endpoint), Reading(visitor.person))
        else:
            self._leaving[key] = asyncio.get_running_loop().call_later(GRACE_S, self._gone, key)
        self._soon(meeting)

    def follows(self, stream: StreamId, visitor: Visitor, endpoint: str, kind: str, data: Any) -> None:
        """An endpoint says where it reads (`Live.on_hint`, hint "following")."""
        meeting = stream.removeprefix("meeting:")
        if kind != "following" or not isinstance(data, dict):
            return
        reading = Reading(visitor.person, data.get("alone") is True, _word(data.get("paper")), _page(data.get("page")))
        self._endpoints.setdefault(meeting, {})[(visitor.person, endpoint)] = reading
        self._soon(meeting)

    def changed(self, meeting: str) -> None:
        """The meeting changed: another page may be on screen."""
        if meeting in self._endpoints:
            self._soon(meeting)

    def meter(self, meeting: Meeting) -> dict[str, Any]:
        """People and sites that are connected, and those of them that see what is shown."""
        readings: dict[str, bool] = {}
        for reading in self._endpoints.get(meeting.id, {}).values():
            with_it = not reading.alone or (
                meeting.shown is not None and (reading.paper, reading.page) == (meeting.shown.paper, meeting.shown.page)
            )
            readings[reading.person] = readings.get(reading.person, False) or with_it
        sites = {who: seen for who, seen in readings.items() if who in meeting.sites}
        people = {who: seen for who, seen in readings.items() if who in meeting.members}
        return {
            "people": len(people),
            "people_following": sum(people.values()),
            "sites": len(sites),
            "sites_following": sum(sites.values()),
        }

    def names(self, meeting: Meeting) -> dict[str, Any]:
        """Who is connected, and who of them reads elsewhere: for the desk."""
        readings = self._endpoints.get(meeting.id, {}).values()
        alone = {reading.person: reading.page for reading in readings if reading.alone}
        return {"connected": sorted({reading.person for reading in readings}), "elsewhere": alone}

    def _gone(self, key: tuple[str, str, str]) -> None:
        meeting, person, endpoint = key
        self._leaving.pop(key, None)
        self._endpoints.get(meeting, {}).pop((person, endpoint), None)
        self._soon(meeting)

    def _soon(self, meeting: str) -> None:
        if meeting not in self._due:
            self._due[meeting] = asyncio.get_running_loop().call_later(TELL_EVERY_S, self._tell, meeting)

    def _tell(self, meeting_id: str) -> None:
        self._due.pop(meeting_id, None)
        meeting = self.standing(meeting_id)
        if meeting is None:
            return
        stream = StreamId(f"meeting:{meeting_id}")
        self.tell(stream, "meter", self.meter(meeting))
        self.tell(stream, "presence", self.names(meeting), desk_of(meeting))


def _word(value: Any) -> str:
    return value[:64] if isinstance(value, str) else ""


def _page(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 1_000_000 else 0
