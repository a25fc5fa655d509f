"""Those who belonged to a meeting and do not any more: the minutes name what they did, and when they left."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from server.clock import Millis
from server.meetings.acts import read_event
from server.meetings.attendance import SubstituteNamed
from server.meetings.meeting import Meeting, Member
from server.meetings.revoking import InvitationRevoked
from server.meetings.seats import Attendance
from server.meetings.service import blank
from server.streams import Entry


def with_former(entries: Sequence[Entry], meeting: Meeting) -> Meeting:
    """The meeting with everybody who was taken back after it was published among its members, as having left."""
    if not any(entry.type == "member.revoked" for entry in entries):
        return meeting
    gone: dict[str, Member] = {}
    stood_for: dict[str, str] = {}
    standing = blank(meeting.id)
    for entry in entries:
        event = read_event(entry.type, entry.data)
        match event:
            case SubstituteNamed(person=person, substitute=Member() as substitute):
                stood_for[substitute.id] = person
            case InvitationRevoked(person=person, at=at):
                left = _left(standing.members[person], at, sat=bool(standing.periods))
                gone[person] = replace(left, substitute_for=stood_for.get(person, ""))
            case _:
                pass
        standing = event.apply(standing)
    return replace(meeting, members={**gone, **meeting.members})


def _left(member: Member, at: Millis, sat: bool) -> Member:
    """Who was there while the meeting sat has left it; who was not is a name in the log and no more."""
    if not sat or not (member.attendance.present or member.attendance.state == "left"):
        return replace(member, attendance=Attendance(), mandate=False)
    if member.attendance.state == "left":
        return member
    return replace(member, attendance=replace(member.attendance, state="left", since=at))
