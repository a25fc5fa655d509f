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

from server.errors import Forbidden, NotFound
from server.meetings.acts import Event
from server.meetings.calls import calls_seen_by
from server.meetings.guests import hidden_from, hidden_from_some, limited, without_items
from server.meetings.meeting import Meeting, Paper, Shown
from server.meetings.papers import is_reader
from server.meetings.roles import DESK_AND_SECRETARY, PREPARERS, Role

SUBJECTS = (
    "preparing",
    "members",
    "guests",
    "revoking",
    "agenda",
    "sitting",
    "notices",
    "attendance",
    "papers",
    "pages",
    "arrivals",
    "register",
    "floor",
    "votes",
    "announcing",
    "questions",
    "counting",
    "voiding",
    "conference",
    "calls",
    "waiting",
    "recording",
    "telephone",
    "seating",
)
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


class Outlook(msgspec.Struct, frozen=True):
    """All by which what two principals see of a meeting may differ: with the same outlook they see the same."""

    papers: frozenset[str]
    """Those they may read."""
    desk: bool
    """Whether they see counts before these are announced."""
    calls: frozenset[str]
    hidden: frozenset[str]
    """The items they are not invited to."""


def outlook(meeting: Meeting, person: str) -> Outlook:
    """What this principal may see; an unknown principal sees the public part."""
    return Outlook(
        frozenset(paper for paper in meeting.papers if may_read(meeting, paper, person)),
        bool(meeting.roles_of(person) & DESK_AND_SECRETARY),
        frozenset(calls_seen_by(meeting, person)),
        hidden_from(meeting, person),
    )


def seen_from(meeting: Meeting, outlook: Outlook) -> Meeting:
    """The meeting without what is not to be seen with this outlook."""
    papers = {key: paper for key, paper in meeting.papers.items() if key in outlook.papers}
    tallies, voidings = (meeting.tallies, meeting.voidings) if outlook.desk else ({}, {})
    calls = {key: call for key, call in meeting.calls.items() if key in outlook.calls}
    shown = _if_among(papers, meeting.shown)
    open_to = without_items(meeting, outlook.hidden)
    return replace(open_to, papers=papers, shown=shown, tallies=tallies, voidings=voidings, calls=calls)


def view(meeting: Meeting, person: str) -> Meeting:
    """The meeting without what this principal may not see."""
    return seen_from(meeting, outlook(meeting, person))


def _if_among(papers: dict[str, Paper], shown: Shown | None) -> Shown | None:
    return shown if shown and shown.paper in papers else None


def may_read(meeting: Meeting, paper: str, person: str) -> bool:
    """Whether a paper of this meeting is for this principal."""
    return is_reader(meeting, meeting.papers.get(paper), person)


def public_part(meeting: Meeting) -> Meeting:
    """The part that everybody admitted sees; `publicPart` in the web client is the other half."""
    common = without_items(view(meeting, ""), hidden_from_some(meeting))
    return replace(common, shown=_if_among(common.papers, common.shown))


def visible(event: Event, meeting: Meeting, person: str) -> bool:
    """Whether this principal may see the event, with the meeting as it stands after it."""
    allowed = event.audience(meeting)
    return allowed is None or person in allowed


def as_json(meeting: Meeting) -> bytes:
    """The snapshot as it goes over the wire."""
    return msgspec.json.encode(meeting)


def whose_rights_changed(before: Meeting, after: Meeting) -> set[str]:
    """Principals who need a fresh view: their roles differ, papers are withdrawn from them at the closing, or an item
    they are not invited to goes on."""
    touched = _whose_roles_may_differ(before, after)
    changed = {p for p in touched if before.roles_of(p) - {Role.PRESENTER} != after.roles_of(p) - {Role.PRESENTER}}
    changed |= {guest.id for guest in (*limited(before), *limited(after)) if _missed(before, after, guest.id)}
    if before.phase != after.phase == "closed":
        changed |= {person for paper in before.papers.values() for person in paper.named}
    return changed


STEERED_BY = ("chair", "deputy", "controlling")


def _whose_roles_may_differ(before: Meeting, after: Meeting) -> set[str]:
    """With a thousand members, to work out the roles of each takes longer than to show them a page."""
    if before.acting != after.acting:
        return {*before.members, *after.members, *before.sites, *after.sites}
    touched = {p for field in STEERED_BY for p in {getattr(before, field)} ^ {getattr(after, field)}}
    touched |= _touched(before.members, after.members) | _touched(before.sites, after.sites)
    return touched


def _touched(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Those who are new, gone, or not the very same."""
    if before is after:
        return set()
    return {key for key, one in after.items() if before.get(key) is not one} | (before.keys() - after.keys())


def _missed(before: Meeting, after: Meeting, guest: str) -> bool:
    """Whether events that were not for this guest have changed what they see."""
    return _outline(before, guest) != _outline(after, guest)


def _outline(meeting: Meeting, guest: str) -> tuple[object, ...]:
    hidden = hidden_from(meeting, guest)
    seen = without_items(meeting, hidden)
    items = [(item.id, item.minutes, item.id in hidden) for item in meeting.items]
    return items, seen.requests, seen.speaking, seen.spoken, seen.turns, seen.questions
