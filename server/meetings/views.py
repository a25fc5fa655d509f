"""The meeting as one person may see it. What an event's `audience` hides, a snapshot leaves out.

The law, checked by tests after every command and for every role: a stale view plus the events one may see
equals a fresh view. Whoever's rights change gets a fresh snapshot instead.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from server.canonical import digest
from server.errors import Forbidden, NotFound
from server.meetings.acts import Event
from server.meetings.meeting import Meeting
from server.meetings.pages import readers_of
from server.meetings.roles import DESK_AND_SECRETARY, PREPARERS, Role

SUBJECTS = ("preparing", "members", "agenda", "sitting", "attendance", "pages", "floor", "votes", "conference")
for _subject in SUBJECTS:
    # The commands and events register themselves when their file is read.
    importlib.import_module(f"server.meetings.{_subject}")


def admit(meeting: Meeting, roles: Iterable[Role]) -> None:
    """May somebody with these roles see the meeting at all? Drafts are for those who prepare them."""
    held = frozenset(roles)
    if not held:
        raise NotFound("meeting.unknown")
    if meeting.phase == "draft" and not held & PREPARERS:
        raise Forbidden("meeting.not_published")


def view(meeting: Meeting, person: str) -> Meeting:
    """The meeting without what this principal may not see; an unknown principal sees the public part."""
    roles = meeting.roles_of(person)
    papers = {key: paper for key, paper in meeting.papers.items() if may_read(meeting, key, person)}
    shown = meeting.shown if meeting.shown and may_read(meeting, meeting.shown.paper, person) else None
    tallies = meeting.tallies if roles & DESK_AND_SECRETARY else {}
    return replace(meeting, papers=papers, shown=shown, tallies=tallies)


def may_read(meeting: Meeting, paper: str, person: str) -> bool:
    """Whether a paper of this meeting is for this principal."""
    readers = readers_of(meeting, meeting.papers.get(paper))
    return readers is None or person in readers


def public_digest(meeting: Meeting) -> str:
    """SHA-256 of the part that everybody admitted sees; `publicDigest` in the web client is the other half."""
    return digest(view(meeting, ""))


def visible(event: Event, meeting: Meeting, person: str) -> bool:
    """Whether this principal may see the event, with the meeting as it stands after it."""
    allowed = event.audience(meeting)
    return allowed is None or person in allowed


def as_json(meeting: Meeting) -> bytes:
    """The snapshot as it goes over the wire."""
    return msgspec.json.encode(meeting)


def whose_rights_changed(before: Meeting, after: Meeting) -> set[str]:
    """Principals whose roles differ between two states."""
    everyone: dict[str, Any] = {**before.members, **after.members, **before.sites, **after.sites}
    return {p for p in everyone if before.roles_of(p) - {Role.PRESENTER} != after.roles_of(p) - {Role.PRESENTER}}
