"""Who is connected and who follows: shown live, never kept. Attendance, which is kept, is the meeting's.

Each web process knows its own lines, says them to the others whole and again and again, and counts all it knows of.
A process that falls silent is forgotten with its people, whatever became of it. How long somebody has been away is
counted by the loop, which nobody sets back; since when is told by the clock.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import msgspec

from server.clock import Clock, Millis
from server.http import Visitor
from server.meetings.meeting import Meeting
from server.meetings.votes import desk_of
from server.streams import StreamId

GRACE_S = 30.0
"""A tablet that sleeps or changes its network is not gone yet."""
TELL_EVERY_S = 0.5
SAY_AGAIN_S = 5.0
SILENCE_S = 15.0
"""Two sayings may be lost before a process counts as gone."""
TOPIC = "presence"


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where one endpoint reads: following the presenter, or alone on a page."""

    person: str
    alone: bool = False
    paper: str = ""
    page: int = 0


class Lines(msgspec.Struct, frozen=True):
    """All lines of one process to one meeting: where each endpoint reads, and who is connected without any grace."""

    process: str
    meeting: str
    readings: list[Reading]
    connected: list[str]
    lost: dict[str, Millis] = {}
    """People whose last line has been gone for longer than the grace, since when."""
    own: list[str] = []
    """Those of the connected who have signed in with an account: neither by a code nor at a shared tablet."""


class Tell(Protocol):
    """`Live.status_here`: every process counts for itself."""

    def __call__(self, stream: StreamId, topic: str, value: Any, audience: frozenset[str] | None = None) -> object: ...


Share = Callable[[str, Any], None]
"""`Live.aside`."""


class Presence:
    """Counts endpoints per meeting and tells everybody the numbers, and the desk the names."""

    def __init__(
        self, process: str, tell: Tell, share: Share, standing: Callable[[str], Meeting | None], clock: Clock
    ) -> None:
        self.process = process
        self.tell = tell
        self.share = share
        self.standing = standing
        self.clock = clock
        self._endpoints: dict[str, dict[tuple[str, str], Reading]] = {}
        self._leaving: dict[tuple[str, str, str], asyncio.TimerHandle] = {}
        self._connected: dict[str, Counter[str]] = {}
        self._own: dict[str, Counter[str]] = {}
        """Of the lines, those of people who have signed in with an account."""
        self._elsewhere: dict[str, dict[str, Lines]] = {}
        self._silence: dict[tuple[str, str], asyncio.TimerHandle] = {}
        self._due: dict[str, asyncio.TimerHandle] = {}
        self._unsaid: set[str] = set()
        self._told: dict[str, dict[str, Any]] = {}
        """Meeting and topic → what was told last, and to whom, while somebody is here to remember it."""
        self._cut: dict[tuple[str, str], Millis] = {}
        """Meeting and person → since when nobody heard of them here; within the grace too."""
        self._lost: dict[str, dict[str, Millis]] = {}

    async def run(self) -> None:
        """Say again and again who is here, until cancelled."""
        while True:
            await asyncio.sleep(SAY_AGAIN_S)
            for meeting in self._endpoints.keys() | self._lost.keys():
                self._say(meeting)

    def is_connected(self, meeting: str, person: str) -> bool:
        """Whether some device of this principal has its line open right now, without any grace."""
        elsewhere = self._elsewhere.get(meeting, {}).values()
        here = self._connected.get(meeting, Counter())[person] > 0
        return here or any(person in lines.connected for lines in elsewhere)

    def is_at_shared(self, meeting: str, person: str) -> bool:
        """Whether somebody is connected, but by shared tablets alone: from there nobody steers."""
        elsewhere = self._elsewhere.get(meeting, {}).values()
        own = self._own.get(meeting, Counter())[person] > 0 or any(person in lines.own for lines in elsewhere)
        return not own and self.is_connected(meeting, person)

    def overheard(self, topic: str, value: Any) -> None:
        """Another process said who is there (`Live.on_aside`)."""
        if topic != TOPIC:
            return
        lines = msgspec.convert(value, Lines)
        key = (lines.meeting, lines.process)
        waiting = self._silence.pop(key, None)
        if waiting is not None:
            waiting.cancel()
        if lines.readings or lines.lost:
            self._elsewhere.setdefault(lines.meeting, {})[lines.process] = lines
            self._silence[key] = asyncio.get_running_loop().call_later(SILENCE_S, self._fell_silent, key)
            self._soon(lines.meeting)
        else:
            self._fell_silent(key)

    def heard(self, stream: StreamId, visitor: Visitor, endpoint: str, present: bool) -> None:
        """An endpoint came or went (`Live.on_presence`)."""
        kind, _, meeting = stream.partition(":")
        if kind != "meeting":
            return
        for lines in (self._connected, *(() if visitor.only_meeting else (self._own,))):
            lines.setdefault(meeting, Counter())[visitor.person] += 1 if present else -1
        key = (meeting, visitor.person, endpoint)
        waiting = self._leaving.pop(key, None)
        if waiting is not None:
            waiting.cancel()
        if present:
            readings = self._endpoints.setdefault(meeting, {})
            readings.setdefault((visitor.person, endpoint), Reading(visitor.person))
            self._cut.pop((meeting, visitor.person), None)
            self._lost.get(meeting, {}).pop(visitor.person, None)
        else:
            self._cut[(meeting, visitor.person)] = self.clock.now()
            self._leaving[key] = asyncio.get_running_loop().call_later(GRACE_S, self._gone, key)
        self._changed_here(meeting)

    def follows(self, stream: StreamId, visitor: Visitor, endpoint: str, kind: str, data: Any) -> None:
        """An endpoint says where it reads (`Live.on_hint`, hint "following")."""
        meeting = stream.removeprefix("meeting:")
        if kind != "following" or not isinstance(data, dict):
            return
        reading = Reading(visitor.person, data.get("alone") is True, _word(data.get("paper")), _page(data.get("page")))
        self._endpoints.setdefault(meeting, {})[(visitor.person, endpoint)] = reading
        self._changed_here(meeting)

    def changed(self, meeting: str) -> None:
        """The meeting changed: another page may be on screen."""
        if meeting in self._endpoints or meeting in self._elsewhere:
            self._soon(meeting)

    def meter(self, meeting: Meeting) -> dict[str, Any]:
        """People and sites that are connected, and those of them that see what is shown."""
        readings = self._following(meeting)
        sites = {who: seen for who, seen in readings.items() if who in meeting.sites}
        people = {who: seen for who, seen in readings.items() if who in meeting.members}
        return {
            "people": len(people),
            "people_following": sum(people.values()),
            "sites": len(sites),
            "sites_following": sum(sites.values()),
        }

    def names(self, meeting: Meeting) -> dict[str, Any]:
        """Who is connected, and who of them reads elsewhere and where: for the desk, as the meter counts."""
        following = self._following(meeting)
        alone = {
            reading.person: {"paper": reading.paper, "page": reading.page}
            for reading in self._readings(meeting.id)
            if not following[reading.person]
        }
        return {"connected": sorted(following), "elsewhere": alone, "lost": self._lost_of(meeting, set(following))}

    def _following(self, meeting: Meeting) -> dict[str, bool]:
        """Who is connected, and whether one of their devices shows what is presented."""
        following: dict[str, bool] = {}
        for reading in self._readings(meeting.id):
            with_it = not reading.alone or (
                meeting.shown is not None and (reading.paper, reading.page) == (meeting.shown.paper, meeting.shown.page)
            )
            following[reading.person] = following.get(reading.person, False) or with_it
        return following

    def _lost_of(self, meeting: Meeting, here: set[str]) -> dict[str, Millis]:
        """Those on record as present whose tablets are gone, since when: a lost line takes nobody off the record."""
        known = [self._lost.get(meeting.id, {})]
        known += [lines.lost for lines in self._elsewhere.get(meeting.id, {}).values()]
        lost: dict[str, Millis] = {}
        for person, since in (pair for lines in known for pair in lines.items()):
            member = meeting.members.get(person)
            if person not in here and member is not None and member.attendance.present:
                lost[person] = max(since, lost.get(person, 0))
        return dict(sorted(lost.items()))

    def _readings(self, meeting: str) -> Iterator[Reading]:
        yield from self._endpoints.get(meeting, {}).values()
        for lines in self._elsewhere.get(meeting, {}).values():
            yield from lines.readings

    def _gone(self, key: tuple[str, str, str]) -> None:
        meeting, person, endpoint = key
        self._leaving.pop(key, None)
        here = self._endpoints.get(meeting, {})
        here.pop((person, endpoint), None)
        since = self._cut.pop((meeting, person), None) if person not in {who for who, _ in here} else None
        if since is not None:
            self._lost.setdefault(meeting, {})[person] = since
        self._changed_here(meeting)

    def _fell_silent(self, key: tuple[str, str]) -> None:
        meeting, process = key
        self._silence.pop(key, None)
        self._elsewhere.get(meeting, {}).pop(process, None)
        self._soon(meeting)

    def _changed_here(self, meeting: str) -> None:
        self._unsaid.add(meeting)
        self._soon(meeting)

    def _say(self, meeting: str) -> None:
        self._unsaid.discard(meeting)
        readings = list(self._endpoints.get(meeting, {}).values())
        connected, own = (list(+lines.get(meeting, Counter())) for lines in (self._connected, self._own))
        standing = self.standing(meeting)
        if standing is None or standing.phase == "closed" or not self._lost.get(meeting):
            self._lost.pop(meeting, None)
        lost = self._lost.get(meeting, {})
        self.share(TOPIC, msgspec.to_builtins(Lines(self.process, meeting, readings, connected, lost, own)))
        if not readings:
            self._endpoints.pop(meeting, None)
            self._told.pop(meeting, None)
            self._connected.pop(meeting, None)
            self._own.pop(meeting, None)

    def _soon(self, meeting: str) -> None:
        if meeting not in self._due:
            self._due[meeting] = asyncio.get_running_loop().call_later(TELL_EVERY_S, self._tell, meeting)

    def _tell(self, meeting_id: str) -> None:
        self._due.pop(meeting_id, None)
        if meeting_id in self._unsaid:
            self._say(meeting_id)
        meeting = self.standing(meeting_id)
        if meeting is None:
            return
        self._tell_new(meeting_id, "meter", self.meter(meeting), None)
        self._tell_new(meeting_id, "presence", self.names(meeting), desk_of(meeting))

    def _tell_new(self, meeting: str, topic: str, value: Any, audience: frozenset[str] | None) -> None:
        """What was told last is not told again: for a thousand tablets that is as much as a page turn."""
        told = self._told.setdefault(meeting, {}) if meeting in self._endpoints else {}
        if told.get(topic) != (value, audience):
            told[topic] = value, audience
            self.tell(StreamId(f"meeting:{meeting}"), topic, value, audience)


def _word(value: Any) -> str:
    return value[:64] if isinstance(value, str) else ""


def _page(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 1_000_000 else 0
