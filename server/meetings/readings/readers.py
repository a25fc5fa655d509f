"""Who has opened a paper and how far they got: coarse, and for the chair and the secretary. Pure.

It says that somebody has opened a paper, in which minute, and the furthest page they had before them; never when they
turned which page, nor for how long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from server.clock import Millis
from server.meetings.acts import RUNNING
from server.meetings.meeting import Meeting, Member, Paper
from server.meetings.papers import readers_by_name
from server.meetings.roles import DESK, Role
from server.meetings.views import may_read

WATCHERS = DESK | {Role.SECRETARY}
"""Those who are told who has read."""
COUNTED_IN = RUNNING | {"published"}
"""From the publication to the closing; what somebody reads afterwards is their own business."""
A_MINUTE: Millis = 60_000


class Where(NamedTuple):
    """A paper and somebody who reads it."""

    paper: str
    person: str


class Seen(NamedTuple):
    """How far somebody got in a version of a paper."""

    version: str
    page: int


class Reading(msgspec.Struct, frozen=True):
    """As it is kept: `opened_at` is the beginning of the minute in which this version was opened."""

    paper: str
    person: str
    version: str
    opened_at: Millis
    page: int


class Reader(msgspec.Struct, frozen=True):
    """Somebody for whom a paper is; `opened_at` is 0 while they have not opened it."""

    person: str
    opened_at: Millis = 0
    page: int = 0
    outdated: bool = False
    """Whether what they have opened has been replaced since."""


def seen(meeting: Meeting, person: str, paper_id: str, page: int) -> Seen | None:
    """What counts of a tablet's word that it shows this page; None when it counts for nothing."""
    paper = meeting.papers.get(paper_id)
    if paper is None or paper.state != "ready" or person not in meeting.members or meeting.phase not in COUNTED_IN:
        return None
    if not 1 <= page <= paper.pages or not may_read(meeting, paper_id, person):
        return None
    return Seen(paper.version, page)


def further(before: Seen | None, now: Seen) -> bool:
    """Whether this says more than what was known."""
    return before is None or before.version != now.version or before.page < now.page


def to_the_minute(moment: Millis) -> Millis:
    """The beginning of the minute."""
    return moment - moment % A_MINUTE


def waits(meeting: Meeting) -> bool:
    """Whether nothing is written or told now: beside a secret vote no other trace of a tablet may lie."""
    return any(ballot.method == "secret" and ballot.state == "open" for ballot in meeting.ballots.values())


def watchers(meeting: Meeting) -> frozenset[str]:
    """The chair, who acts for the chair, and the secretaries."""
    return frozenset(person for person in meeting.members if meeting.roles_of(person) & WATCHERS)


def expected(meeting: Meeting, paper: Paper) -> list[Member]:
    """Those for whom the paper is, by precedence: neither those who only help nor whoever sent somebody else."""
    readers = readers_by_name(meeting, paper)
    wanted = (one for one in meeting.members.values() if readers is None or one.id in readers)
    taking_part = (one for one in wanted if not one.substituted_by and set(one.roles) != {Role.TECHNICIAN})
    return sorted(taking_part, key=lambda one: (one.precedence, one.id))


def readers(meeting: Meeting, paper: Paper, kept: Iterable[Reading]) -> list[Reader]:
    """Everybody for whom the paper is, with how far they got."""
    known = {one.person: one for one in kept if one.paper == paper.id}
    return [_reader(member.id, paper, known.get(member.id)) for member in expected(meeting, paper)]


def opened(meeting: Meeting, kept: Iterable[Reading]) -> Mapping[str, int]:
    """Paper → how many of those for whom it is have opened it as it is now."""
    by_paper: dict[str, list[Reading]] = {}
    for one in kept:
        by_paper.setdefault(one.paper, []).append(one)
    return {
        paper.id: sum(1 for one in readers(meeting, paper, by_paper.get(paper.id, ())) if _is_up_to_date(one))
        for paper in meeting.papers.values()
        if paper.state == "ready"
    }


def _reader(person: str, paper: Paper, kept: Reading | None) -> Reader:
    if kept is None:
        return Reader(person)
    return Reader(person, kept.opened_at, kept.page, kept.version != paper.version)


def _is_up_to_date(reader: Reader) -> bool:
    return reader.opened_at > 0 and not reader.outdated
