"""Opinions on papers ("góp ý") and what is answered to them ("tiếp thu, giải trình")."""

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
    Book,
    Draft,
    Opinion,
    OpinionCommand,
    OpinionEvent,
    Reply,
    Scene,
    To,
    Words,
    known_again,
    name_for,
    room_left,
    still_open,
    told_to,
    written_on,
)
from server.meetings.roles import ATTENDEES, DESK, Role
from server.meetings.words import Id, Line


class WriteOpinion(OpinionCommand, tag="opinion.write"):
    """Somebody writes an opinion on a paper or a page of it, or rewords their own until its item is done."""

    opinion: Id
    paper: Id
    text: Words
    to: To = "desk"
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    place: Line = ""
    permits: ClassVar = ATTENDEES

    def decide(self, book: Book, by: By, scene: Scene) -> Iterable[OpinionEvent]:
        paper = written_on(scene.meeting, self.paper, by.person)
        if self.page > max(paper.pages, 1):
            raise Refused("page.out_of_range", pages=paper.pages)
        before = book.opinions.get(self.opinion)
        at = before.at if before else scene.now
        after = Opinion(self.opinion, by.person, paper.id, self.text, self.to, at, self.page, self.place)
        if before is None:
            room_left(book, by.person)
        else:
            _own(before, by)
            still_open(scene.meeting, before.paper)
            if before.paper != self.paper or (before.to, self.to) == ("all", "desk"):
                raise Refused("opinion.shared_already")
        if after != before:
            yield OpinionWritten(after)


class OpinionWritten(OpinionEvent, tag="opinion.written"):
    """An opinion has been written, or put into other words."""

    opinion: Opinion

    def apply(self, book: Book) -> Book:
        return replace(book, opinions={**book.opinions, self.opinion.id: self.opinion})

    def audience(self, meeting: Meeting) -> Audience:
        return told_to(meeting, self.opinion)


class WithdrawOpinion(OpinionCommand, tag="opinion.withdraw"):
    """Somebody takes their own opinion back, as long as nothing was answered."""

    opinion: Id
    permits: ClassVar = ATTENDEES

    def decide(self, book: Book, by: By, scene: Scene) -> Iterable[OpinionEvent]:
        before = book.opinion(self.opinion)
        _own(before, by)
        still_open(scene.meeting, before.paper)
        yield OpinionWithdrawn(before)


class OpinionWithdrawn(OpinionEvent, tag="opinion.withdrawn"):
    """An opinion has been taken back; as it was then."""

    opinion: Opinion

    def apply(self, book: Book) -> Book:
        return replace(book, opinions={key: one for key, one in book.opinions.items() if key != self.opinion.id})

    def audience(self, meeting: Meeting) -> Audience:
        return told_to(meeting, self.opinion)


class AnswerOpinion(OpinionCommand, tag="opinion.answer"):
    """The secretary or the desk answers an opinion, also after the meeting; an empty answer takes it back."""

    opinion: Id
    answer: Literal["", "accepted", "partly", "explained"]
    reply: Reply = ""
    seen: Draft = ""
    """The words that are answered, as whoever answers sees them; empty: as they stand."""
    permits: ClassVar = DESK | {Role.SECRETARY}
    phases: ClassVar = ANSWERED

    def decide(self, book: Book, by: By, scene: Scene) -> Iterable[OpinionEvent]:
        before = book.opinion(self.opinion)
        if self.seen not in {"", before.text}:
            raise Refused("opinion.reworded")
        if self.answer == "explained" and not self.reply:
            raise Refused("opinion.no_explanation")
        who, when = (by.person, scene.now) if self.answer else ("", 0)
        after = replace(before, answer=self.answer, reply=self.reply, answered_by=who, answered_at=when)
        if (after.answer, after.reply) != (before.answer, before.reply):
            yield OpinionAnswered(after)


class TakeComment(OpinionCommand, tag="opinion.take_comment"):
    """The secretary or the desk answers a sticky comment: it comes into the book as an opinion of its author's, in
    their words as they stand on the page now."""

    comment: Id
    paper: Id
    answer: Literal["accepted", "partly", "explained"]
    reply: Reply = ""
    permits: ClassVar = DESK | {Role.SECRETARY}
    phases: ClassVar = ANSWERED

    def takes(self) -> tuple[str, str]:
        return self.paper, self.comment

    def decide(self, book: Book, by: By, scene: Scene) -> Iterable[OpinionEvent]:
        stuck = scene.stuck
        if stuck is None or self.paper not in scene.meeting.papers:
            raise Refused("opinion.no_comment")
        if (stuck.id, stuck.person, stuck.paper) in known_again(book):
            raise Refused("opinion.taken_already")
        name = name_for(book, stuck.id)
        taken = OpinionWritten(Opinion(name, stuck.person, stuck.paper, stuck.text, stuck.to, stuck.at, stuck.page))
        yield taken
        yield from AnswerOpinion(name, self.answer, self.reply).decide(taken.apply(book), by, scene)


class OpinionAnswered(OpinionEvent, tag="opinion.answered"):
    """An opinion has its answer, or has it no longer."""

    opinion: Opinion

    def apply(self, book: Book) -> Book:
        return replace(book, opinions={**book.opinions, self.opinion.id: self.opinion})

    def audience(self, meeting: Meeting) -> Audience:
        return told_to(meeting, self.opinion)


def _own(opinion: Opinion, by: By) -> None:
    if opinion.person != by.person:
        raise Forbidden("opinion.not_yours")
    if opinion.answer:
        raise Refused("opinion.answered_already")
