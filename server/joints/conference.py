"""The meeting as a conference: who may send what, who is on stage. Whole states, never single calls."""

from __future__ import annotations

from itertools import count

from server.errors import Forbidden
from server.media.conference import Desired, Endpoint, Grants
from server.meetings.conference import grants, place_of
from server.meetings.meeting import Meeting


class Director:
    """Turns each state of a meeting into the desired state of its conference."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self._numbers = count(1)

    def desired(self, meeting: Meeting) -> Desired:
        """What the conference should be now; without endpoints once the meeting is over."""
        granted = grants(meeting)
        everyone = principals(meeting) if meeting.phase not in {"draft", "closed"} else ()
        return Desired(
            conference=meeting.id,
            epoch=self.epoch,
            number=next(self._numbers),
            endpoints=tuple(Endpoint(who, granted_to(meeting, who), room_of(meeting, who)) for who in everyone),
            stage=granted.stage or None,
            floor=granted.floor or None,
            order=everyone,
        )


def principals(meeting: Meeting) -> tuple[str, ...]:
    """Sites in protocol order, then people by precedence."""
    sites = sorted(meeting.sites.values(), key=lambda site: (site.order, site.id))
    people = sorted(meeting.members.values(), key=lambda member: (member.precedence, member.id))
    return (*(site.id for site in sites), *(member.id for member in people))


def granted_to(meeting: Meeting, who: str) -> Grants:
    """What one principal may send. A companion tablet, whose room has a camera of its own, never sends."""
    if meeting.phase in {"draft", "closed"}:
        raise Forbidden("conference.not_now")
    own_camera = who in meeting.sites or room_of(meeting, who) == who
    audible = own_camera and who in grants(meeting).audible
    return Grants(audio=audible, video=own_camera, screen=meeting.sharing == who)


def room_of(meeting: Meeting, who: str) -> str:
    """The principal in whose room `who` sits; those of one room never hear one another."""
    return who if who in meeting.sites else place_of(meeting, who)
