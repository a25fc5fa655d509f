"""Open amendments go with their paragraph when their paper is replaced; of those that cannot, it is said why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec.structs import replace

from server.meetings.acts import Audience
from server.meetings.meeting import Meeting
from server.meetings.opinions.book import (
    LONGEST_DRAFT,
    LONGEST_PLACE,
    Amendment,
    Book,
    OpinionEvent,
    Passage,
    told_to,
)
from server.meetings.papers import kept_back
from server.redline import merged, text_of, words

Unread = Literal["no_text", "too_long"]
"""Why a version cannot be compared with older ones: nobody knows then whether a paragraph is still there."""
Found = Mapping[str, Mapping[int, Passage] | Unread]
"""For each older version that was looked at, where its paragraphs (by number) stand in the newest; others are gone. Or
why the newest could not be compared."""


class AmendmentCarried(OpinionEvent, tag="amendment.carried"):
    """A proposal went with its paragraph to a newer version of the paper, or could not; as it is since."""

    amendment: Amendment

    def apply(self, book: Book) -> Book:
        return replace(book, amendments={**book.amendments, self.amendment.id: self.amendment})

    def audience(self, meeting: Meeting) -> Audience:
        return told_to(meeting, self.amendment)


def left_behind(book: Book, meeting: Meeting) -> list[Amendment]:
    """Open proposals to a version that people read no more, of which nobody has looked where they belong now.

    What was accepted or refused stays as it was decided.
    """
    return [
        one
        for one in book.amendments.values()
        if one.state == "open" and (newest := _newest(meeting, one)) and newest not in (one.version, one.lost_in)
    ]


def carry(book: Book, meeting: Meeting, version: str, found: Found) -> Iterator[AmendmentCarried]:
    """What becomes of those left behind, now that this is the version people read; of versions looked at."""
    for one in left_behind(book, meeting):
        if _newest(meeting, one) == version and one.version in found:
            there = found[one.version]
            yield AmendmentCarried(carried(one, version, there if isinstance(there, str) else there.get(one.passage)))


def carried(amendment: Amendment, version: str, passage: Passage | Unread | None) -> Amendment:
    """The same wish for the paragraph as it reads now; or where it was, with why it cannot stand there."""
    if passage is None or isinstance(passage, str):
        return replace(amendment, lost=passage or "gone", lost_in=version)
    before = text_of(words(passage.text))
    after = merged(amendment.before, (before, amendment.after))
    if after is None or max(len(before), len(after)) > LONGEST_DRAFT:
        return replace(amendment, lost="changed", lost_in=version)
    if after == before:
        return replace(amendment, lost="included", lost_in=version)
    there = replace(amendment, passage=passage.number, page=passage.page, place=passage.label[:LONGEST_PLACE])
    origin = amendment.origin or amendment.version
    return replace(there, version=version, before=before, after=after, origin=origin, lost="", lost_in="")


def _newest(meeting: Meeting, amendment: Amendment) -> str:
    """The version people read; empty where nobody is given its text, or nothing is written any more."""
    paper = meeting.papers.get(amendment.paper)
    if paper is None or kept_back(meeting, paper) or meeting.phase in ("draft", "closed"):
        return ""
    return paper.version
