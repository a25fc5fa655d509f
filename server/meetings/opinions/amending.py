"""Amendments to drafts ("đề nghị sửa đổi, bổ sung"): a paragraph in other words, accepted or refused one by one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import replace

from server.errors import Forbidden, Refused
from server.meetings.acts import Audience, By
from server.meetings.meeting import Meeting
from server.meetings.opinions.book import (
    ANSWERED,
    LONGEST_DRAFT,
    LONGEST_PLACE,
    Amendment,
    Book,
    Draft,
    OpinionCommand,
    OpinionEvent,
    Reply,
    Scene,
    To,
    room_left,
    still_open,
    told_to,
    written_on,
)
from server.meetings.roles import ATTENDEES, DESK, Role
from server.meetings.words import Id, Line
from server.redline import merged, text_of, words


class ProposeAmendment(OpinionCommand, tag="amendment.propose"):
    """A member proposes other words for a paragraph of a draft, or changes their own proposal until it is decided."""

    amendment: Id
    paper: Id
    version: Line
    passage: Annotated[int, Meta(ge=1, le=100_000)]
    text: Draft
    to: To = "desk"
    reason: Reply = ""
    permits: ClassVar = ATTENDEES - {Role.GUEST}

    def needs(self) -> tuple[str, str, int] | None:
        return self.paper, self.version, self.passage

    def decide(self, book: Book, by: By, scene: Scene) -> Iterable[OpinionEvent]:
        written_on(scene.meeting, self.paper, by.person)
        before = book.amendments.get(self.amendment)
        if before is None:
            room_left(book, by.person)
        else:
            _own(before, by)
            still_open(scene.meeting, before.paper)
            if before.paper != self.paper or (before.to, self.to) == ("all", "desk"):
                raise Refused("opinion.shared_already")
        after = self._proposed(by.person, scene, before.at if before else scene.now)
        if after != before:
            yield AmendmentProposed(after)

    def _proposed(self, person: str, scene: Scene, at: int) -> Amendment:
        passage = scene.passage
        if passage is None:
            raise Refused("draft.passage_unknown")
        if len(passage.text) > LONGEST_DRAFT:  # kept, it would be a line of the log that nobody can read again
            raise Refused("draft.passage_too_long", limit=LONGEST_DRAFT)
        before, after = text_of(words(passage.text)), text_of(words(self.text))
        if after == before:
            raise Refused("amendment.no_change")
        where = (self.paper, self.version, self.passage, passage.page, passage.label[:LONGEST_PLACE])
        return Amendment(self.amendment, person, *where, before, after, self.to, at, self.reason)


class AmendmentProposed(OpinionEvent, tag="amendment.proposed"):
    """An amendment has been proposed, or changed by its author."""

    amendment: Amendment

    def apply(self, book: Book) -> Book:
        return _with(book, self.amendment)

    def audience(self, meeting: Meeting) -> Audience:
        return told_to(meeting, self.amendment)


class WithdrawAmendment(OpinionCommand, tag="amendment.withdraw"):
    """Somebody takes their own proposal back before it is decided."""

    amendment: Id
    permits: ClassVar = ATTENDEES - {Role.GUEST}

    def decide(self, book: Book, by: By, scene: Scene) -> Iterable[OpinionEvent]:
        before = book.amendment(self.amendment)
        _own(before, by)
        still_open(scene.meeting, before.paper)
        yield AmendmentWithdrawn(before)


class AmendmentWithdrawn(OpinionEvent, tag="amendment.withdrawn"):
    """A proposal has been taken back; as it was then."""

    amendment: Amendment

    def apply(self, book: Book) -> Book:
        return replace(book, amendments={key: one for key, one in book.amendments.items() if key != self.amendment.id})

    def audience(self, meeting: Meeting) -> Audience:
        return told_to(meeting, self.amendment)


class DecideAmendment(OpinionCommand, tag="amendment.decide"):
    """The desk accepts or refuses a proposal, or opens it again; the secretary does so on the chair's order.

    Two that want different words in the same place cannot both be accepted.
    """

    amendment: Id
    state: Literal["open", "accepted", "refused"]
    reply: Reply = ""
    seen: Draft = ""
    """The words proposed, as whoever decides sees them; empty: as they stand."""
    permits: ClassVar = DESK | {Role.SECRETARY}
    phases: ClassVar = ANSWERED
    for_chair: ClassVar = True

    def decide(self, book: Book, by: By, scene: Scene) -> Iterable[OpinionEvent]:
        before = book.amendment(self.amendment)
        if self.seen not in {"", before.after}:
            raise Refused("opinion.reworded")
        if self.state == "accepted":
            _fits(before, book, scene.meeting)
        who, when, on = (by.person, scene.now, scene.version) if self.state != "open" else ("", 0, 0)
        after = replace(before, state=self.state, reply=self.reply, decided_by=who, decided_at=when, decided_on=on)
        if (after.state, after.reply) != (before.state, before.reply):
            yield AmendmentDecided(after)


class AmendmentDecided(OpinionEvent, tag="amendment.decided"):
    """A proposal has been accepted or refused, or is open again."""

    amendment: Amendment

    def apply(self, book: Book) -> Book:
        return _with(book, self.amendment)

    def audience(self, meeting: Meeting) -> Audience:
        return told_to(meeting, self.amendment)


def rivals(amendment: Amendment, others: Iterable[Amendment]) -> list[Amendment]:
    """Those of the same paragraph that cannot stand beside it."""
    where = (amendment.paper, amendment.version, amendment.passage)
    same = (one for one in others if (one.paper, one.version, one.passage) == where and one.id != amendment.id)
    return [one for one in same if merged(amendment.before, (amendment.after, one.after)) is None]


def _fits(amendment: Amendment, book: Book, meeting: Meeting) -> None:
    accepted = (one for one in book.amendments.values() if one.state == "accepted")
    for rival in rivals(amendment, accepted):
        author = meeting.members.get(rival.person)
        raise Refused("amendment.conflicts", name=author.name if author else rival.person)


def _with(book: Book, amendment: Amendment) -> Book:
    return replace(book, amendments={**book.amendments, amendment.id: amendment})


def _own(amendment: Amendment, by: By) -> None:
    if amendment.person != by.person:
        raise Forbidden("opinion.not_yours")
    if amendment.state != "open":
        raise Refused("amendment.decided_already")
