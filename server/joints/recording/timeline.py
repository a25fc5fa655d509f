"""What happened when: the meeting's log, told for whoever watches the recording. Pure.

Moments are the server's, in ms since 1970, as are those of the files; so pages turn with the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from server.clock import Millis
from server.meetings.acts import read_event
from server.meetings.meeting import Meeting
from server.meetings.papers import kept_back
from server.meetings.views import may_read
from server.streams import Entry


class PageFrom(msgspec.Struct, frozen=True):
    """From this moment this page is shown; without a paper none is. `readers` is for whom the paper is; what is
    `kept_back` nobody is handed as a file."""

    at: Millis
    paper: str = ""
    version: str = ""
    page: int = 0
    title: str = ""
    readers: str = "all"
    kept_back: bool = False


class ItemFrom(msgspec.Struct, frozen=True):
    """From this moment this item is dealt with; without a name none is."""

    at: Millis
    item: str = ""
    number: int = 0
    title: str = ""


class SpeakerFrom(msgspec.Struct, frozen=True):
    """From this moment this person has the floor; without a name nobody has."""

    at: Millis
    person: str = ""
    name: str = ""
    title: str = ""


class Vote(msgspec.Struct, frozen=True):
    """A ballot was opened, closed or announced."""

    at: Millis
    ballot: str
    question: str
    state: str


class Happened(msgspec.Struct, frozen=True):
    """Everything that one may want to jump to, in order; `names` is what to call people and sites."""

    pages: tuple[PageFrom, ...] = ()
    items: tuple[ItemFrom, ...] = ()
    speakers: tuple[SpeakerFrom, ...] = ()
    votes: tuple[Vote, ...] = ()
    names: dict[str, str] = {}


def happened(blank: Meeting, entries: Iterable[Entry]) -> Happened:
    """The course of a meeting out of its log."""
    pages: list[PageFrom] = []
    items: list[ItemFrom] = []
    speakers: list[SpeakerFrom] = []
    votes: list[Vote] = []
    names: dict[str, str] = {}
    meeting = blank
    for entry in entries:
        before, meeting = meeting, read_event(entry.type, entry.data).apply(meeting)
        _add(pages, _page(meeting, entry.at))
        _add(items, _item(meeting, entry.at))
        _add(speakers, _speaker(meeting, entry.at))
        votes.extend(_votes(before, meeting, entry.at))
        if meeting.sites is not before.sites or meeting.members is not before.members:
            names |= {one.id: one.name for one in meeting.sites.values()}
            names |= {one.id: one.name for one in meeting.members.values()}
    return Happened(tuple(pages), tuple(items), tuple(speakers), tuple(votes), names)


def seen_by(course: Happened, meeting: Meeting, person: str) -> Happened:
    """The same without pages that are not for this person to read."""
    pages = tuple(
        one if not one.paper or may_read(meeting, one.paper, person) else PageFrom(one.at) for one in course.pages
    )
    return msgspec.structs.replace(course, pages=pages)


def _add(known: list[Any], one: Any) -> None:
    """Only what differs from the one before, its moment aside; of one moment the last word holds."""
    if known and known[-1].at == one.at:
        del known[-1]
    before = msgspec.structs.replace(known[-1], at=one.at) if known else type(one)(one.at)
    if before != one:
        known.append(one)


def _page(meeting: Meeting, at: Millis) -> PageFrom:
    shown = meeting.shown
    paper = meeting.papers.get(shown.paper) if shown else None
    if shown is None or paper is None:
        return PageFrom(at)
    kept = kept_back(meeting, paper)
    return PageFrom(at, paper.id, paper.version, shown.page, paper.title, paper.readers, kept)


def _item(meeting: Meeting, at: Millis) -> ItemFrom:
    current = meeting.current
    if current is None:
        return ItemFrom(at)
    return ItemFrom(at, current.id, meeting.items.index(current) + 1, current.title)


def _speaker(meeting: Meeting, at: Millis) -> SpeakerFrom:
    speech = meeting.speaking
    member = meeting.members.get(speech.person) if speech else None
    if speech is None or member is None:
        return SpeakerFrom(at)
    return SpeakerFrom(at, member.id, member.name, member.title)


def _votes(before: Meeting, after: Meeting, at: Millis) -> Iterator[Vote]:
    for key, ballot in after.ballots.items():
        known = before.ballots.get(key)
        if known is not None and known.state != ballot.state:
            yield Vote(at, key, ballot.question, ballot.state)


def shown_to_members(pages: Sequence[PageFrom]) -> list[PageFrom]:
    """The pages a film may show, which everybody sees who may see the recording: nothing that is kept back."""
    return [PageFrom(one.at) if one.kept_back else one for one in pages]
