"""How the attendance came to stand as it does: who recorded what, when, and what stood there before. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from server.clock import Millis
from server.meetings.acts import read_event
from server.meetings.attendance import AttendanceRecorded, SubstituteNamed
from server.meetings.members import MemberInvited
from server.meetings.seats import Attendance
from server.streams import Entry


class Recorded(msgspec.Struct, frozen=True):
    """One line of the trace."""

    at: Millis
    by: str
    order_of: str
    person: str
    name: str
    before: Attendance
    after: Attendance
    corrected: bool
    """Whether somebody else changed what was on record already, or put it on record only afterwards."""
    substitute: str = ""
    """Who comes in their place from now on."""
    taken_back: str = ""
    """Who came in their place until now, and no longer does."""


def trace(entries: Iterable[Entry]) -> list[Recorded]:
    """Everything that was put on record about anybody's presence, the first first."""
    names: dict[str, str] = {}
    standing: dict[str, Attendance] = {}
    substitutes: dict[str, str] = {}
    lines: list[Recorded] = []
    closed = False
    for entry in entries:
        closed = entry.type == CLOSED or (closed and entry.type != OPENED)
        event = read_event(entry.type, entry.data) if entry.type in TELLING else None
        match event:
            case MemberInvited(member=member):
                names[member.id] = member.name
            case AttendanceRecorded(person=person, attendance=after):
                line = _line(entry, person, standing.get(person, Attendance()), after)
                late = entry.by != person and (closed or entry.at - after.since >= A_MINUTE)
                lines.append(msgspec.structs.replace(line, corrected=line.corrected or late))
                standing[person] = after
            case SubstituteNamed(person=person, substitute=substitute):
                before = standing.get(person, Attendance())
                known = names.get(substitutes.get(person, ""), "")
                lines.append(_substituted(entry, event, before, known))
                standing[person] = lines[-1].after
                substitutes[person] = substitute.id if substitute else ""
                names |= {substitute.id: substitute.name} if substitute else {}
    return [msgspec.structs.replace(line, name=names.get(line.person, "")) for line in lines]


A_MINUTE: Millis = 60_000
OPENED, CLOSED = "meeting.opened", "meeting.closed"
TELLING = frozenset({"member.invited", "attendance.recorded", "attendance.substituted"})


def _substituted(entry: Entry, event: SubstituteNamed, before: Attendance, known: str) -> Recorded:
    """That somebody comes in a member's place, perhaps instead of another (`known`), or that nobody does any more."""
    if event.substitute is None:
        return Recorded(entry.at, entry.by, entry.order_of, event.person, "", before, before, True, taken_back=known)
    after = msgspec.structs.replace(before, state="absent", excused=True, reason=event.reason)
    line = _line(entry, event.person, before, after)
    replaced = known if known != event.substitute.name else ""
    return msgspec.structs.replace(line, substitute=event.substitute.name, taken_back=replaced)


def _line(entry: Entry, person: str, before: Attendance, after: Attendance) -> Recorded:
    corrected = entry.by != person and before.state != "expected" and _differs(before, after)
    return Recorded(entry.at, entry.by, entry.order_of, person, "", before, after, corrected)


def _differs(before: Attendance, after: Attendance) -> bool:
    """Whether something else is on record now; saying the same again, or a moment later, corrects nothing."""
    same = msgspec.structs.replace(after, since=before.since, how=before.how, by=before.by)
    return same != before or abs(after.since - before.since) >= A_MINUTE
