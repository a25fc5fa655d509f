"""The meeting as a conference: who may send what, who is on stage. Whole states, never single calls."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from server.clock import Millis
from server.errors import Forbidden
from server.media.conference import RECORDER, Desired, Endpoint, Grants, owner
from server.media.control import Coding, Gone, Joined, Layers, Loudest, Observation, Quality, Slots
from server.meetings.acts import AROUND
from server.meetings.conference import grants, not_yet, place_of, waits
from server.meetings.guests import invited_to
from server.meetings.meeting import Meeting
from server.meetings.recording import is_recorded
from server.meetings.roles import Role
from server.meetings.votes import desk_of

NOBODY = "nobody!"
"""Named in a view, its place stays empty: no principal can have this name."""
SITE_TILES = 8
"""The pictures beside the stage that a site's screen has places for."""
EPOCH = 1
"""Counting never begins anew: states are numbered after their stream's version."""


def desired(version: int, meeting: Meeting, now: Millis) -> Desired:
    """What the conference should be when the meeting stands at this version; without endpoints once it is over.

    All web processes say the same of the same version, and media heeds the newest. So none of them leads, none has to
    be elected, and whichever dies, the next decision comes with the next number. A version has two: while the speaker's
    seconds of warning run, and afterwards.
    """
    granted = grants(meeting)
    everyone = principals(meeting) if meeting.phase in AROUND else ()
    heard = granted.audible - not_yet(meeting, now)
    endpoints = [Endpoint(who, _granted(meeting, who, heard), room_of(meeting, who)) for who in everyone]
    if is_recorded(meeting):
        endpoints.append(Endpoint(RECORDER))
    return Desired(
        conference=meeting.id,
        epoch=EPOCH,
        number=2 * version + (not opens_later(meeting, now)),
        endpoints=tuple(endpoints),
        stage=granted.stage or None,
        floor=granted.floor or None,
        order=everyone,
        views=views(meeting),
    )


OF_NO_CONCERN = frozenset({"shown", "presenting", "asking", "papers", "ballots", "tallies", "voidings", "requests"})
"""What of a meeting no conference follows from: its pages are turned and its ballots opened without a word to media."""
CONCERNS = tuple(field for field in Meeting.__struct_fields__ if field not in OF_NO_CONCERN)


def concerns(before: Meeting, after: Meeting) -> bool:
    """Whether the conference may have to be another one: anything it could follow from is not the very same."""
    return any(getattr(before, field) is not getattr(after, field) for field in CONCERNS)


def views(meeting: Meeting) -> dict[str, tuple[str, ...]]:
    """What the sites' screens show: nobody's line carries pictures that the layout has no place for."""
    if meeting.layout in {"tiles", "grid"}:
        return {}
    return dict.fromkeys(meeting.sites, ("", *(NOBODY for _ in range(SITE_TILES))))


def principals(meeting: Meeting) -> tuple[str, ...]:
    """Sites in protocol order, then people by precedence."""
    sites = sorted(meeting.sites.values(), key=lambda site: (site.order, site.id))
    people = sorted(meeting.members.values(), key=lambda member: (member.precedence, member.id))
    return (*(site.id for site in sites), *(member.id for member in people))


def opens_later(meeting: Meeting, now: Millis) -> bool:
    """Whether somebody's microphone will open without another decision, when the seconds of warning are over."""
    return bool(not_yet(meeting, now))


def granted_to(meeting: Meeting, who: str, now: Millis) -> Grants:
    """What one principal may send now, and whether it may receive.

    A companion tablet, whose room has a camera of its own, never sends. A guest of other items than the current one is
    as good as outside: nothing comes to them and nothing goes out from them, as with the words of that item. So is a
    site that waits to be let in, and everybody while the system is stopped.
    """
    if meeting.phase not in AROUND:
        raise Forbidden("conference.not_now")
    return _granted(meeting, who, grants(meeting).audible - not_yet(meeting, now))


def _granted(meeting: Meeting, who: str, heard: Collection[str]) -> Grants:
    """The same, for whoever knows already who is heard: with a thousand, to work that out for each takes long."""
    if not receives(meeting, who):
        return Grants(receive=False)
    own_camera = who in meeting.sites or room_of(meeting, who) == who
    return Grants(audio=own_camera and who in heard, video=own_camera, screen=meeting.sharing == who)


def receives(meeting: Meeting, who: str) -> bool:
    """Whether anything of the conference comes to this principal now: pictures, sound, and what is drawn over them."""
    invited = meeting.current is None or invited_to(meeting, meeting.current.id, who)
    return meeting.phase in AROUND and invited and not waits(meeting, who) and not meeting.stopped


def room_of(meeting: Meeting, who: str) -> str:
    """The principal in whose room `who` sits; those of one room never hear one another."""
    return who if who in meeting.sites else place_of(meeting, who)


class Lines:
    """Which sessions media said are joined."""

    def __init__(self) -> None:
        self._joined: dict[str, Joined] = {}

    def heed(self, observation: Observation) -> None:
        """Remember who joined, forget who is gone."""
        if isinstance(observation, Joined):
            self._joined[observation.session] = observation
        elif isinstance(observation, Gone):
            self._joined.pop(observation.session, None)

    def of(self, person: str) -> list[tuple[str, str]]:
        """Sessions and endpoints of one principal, a wall among them: they end when their owner signs out."""
        return [(session, each.endpoint) for session, each in self._joined.items() if owner(each.endpoint) == person]


Told = tuple[str, Any, frozenset[str] | None]
"""A status: its topic, its value, and for whom it is (None: everybody in the meeting)."""


def told_of(observation: Observation, standing: Callable[[str], Meeting | None]) -> Told | None:
    """What the meeting's tablets are told of an observation: seats to whom they concern, quality to those who care."""
    return None if _of_the_recorder(observation) else _told(observation, standing)


def _told(observation: Observation, standing: Callable[[str], Meeting | None]) -> Told | None:
    value = msgspec.to_builtins(observation)
    match observation:
        case Joined() | Gone():
            return f"media.{observation.source}:{observation.endpoint}", value, None
        case Slots():
            return f"media.slots:{observation.receiver}", value, frozenset({owner(observation.receiver)})
        case Layers() | Coding():
            what = f"coding.{observation.source}" if isinstance(observation, Coding) else "layers"
            return f"media.{what}:{observation.endpoint}", value, frozenset({observation.endpoint})
        case Loudest():
            return "media.loudest", value, None
        case Quality():
            meeting = standing(observation.conference)
            if meeting is None:
                return None
            who = observation.endpoint
            topic = f"media.quality.{observation.direction}.{observation.source}:{who}"
            return topic, value, watchers(meeting) | {who}


def _of_the_recorder(observation: Observation) -> bool:
    """That it is recorded is said by the meeting, not by who has a line."""
    return RECORDER in (getattr(observation, "endpoint", ""), getattr(observation, "receiver", ""))


def watchers(meeting: Meeting) -> frozenset[str]:
    """Those who look after the lines: technicians, desk and secretary."""
    technicians = {m.id for m in meeting.members.values() if Role.TECHNICIAN in m.roles}
    return desk_of(meeting) | technicians
