"""A book as it is written, beside a meeting with somebody in every role."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from server.clock import HeldClock
from server.meetings.acts import By
from server.meetings.meeting import Meeting
from server.meetings.opinions.book import Book, OpinionEvent, Passage, Scene, Stuck, decide, read_command
from server.meetings.opinions.carrying import Found, Unread, carry
from server.meetings.opinions.service import SUBJECTS
from tests.meetings.scenario import START, opened

DRAFT = Passage(7, 3, "khoản 2 Điều 5", "2. Mức hỗ trợ là 50 triệu đồng cho mỗi hộ nghèo phải di dời trong năm 2026.")
VERSION = "a" * 64
STUCK = Stuck("c-1", "second", "p-all", 2, "Mức này đã gồm phần hỗ trợ của Trung ương chưa?", "desk", START)
assert SUBJECTS


class Pages:
    """Somebody writes; what follows is folded."""

    def __init__(self, meeting: Meeting | None = None, passage: Passage = DRAFT) -> None:
        self.meeting = meeting or opened().meeting
        self.passage = passage
        self.stuck: Stuck | None = STUCK
        self.clock = HeldClock(START)
        self.book = Book()
        self.steps: list[tuple[Book, OpinionEvent, Book]] = []

    def does(self, person: str, tag: str, /, **fields: Any) -> list[OpinionEvent]:
        """Somebody sends a command."""
        self.clock.advance(1000)
        command = read_command(msgspec.json.encode({"type": tag, **fields}))
        scene = Scene(
            self.meeting,
            self.clock.now(),
            self.passage if command.needs() else None,
            self.stuck if command.takes() else None,
            len(self.steps),
        )
        events = decide(command, self.book, By(person, self.meeting.roles_of(person)), scene)
        return [self._happened(event) for event in events]

    def carries(self, version: str, passage: Passage | Unread | None, looked_at: str = VERSION) -> list[OpinionEvent]:
        """The paper for all was replaced; the one paragraph stands there now, or nowhere."""
        papers = {**self.meeting.papers, "p-all": replace(self.meeting.papers["p-all"], version=version)}
        self.meeting = replace(self.meeting, papers=papers)
        there = {7: passage} if isinstance(passage, Passage) else {}
        found: Found = {looked_at: passage if isinstance(passage, str) else there}
        return [self._happened(event) for event in carry(self.book, self.meeting, version, found)]

    def _happened(self, event: OpinionEvent) -> OpinionEvent:
        after = event.apply(self.book)
        self.steps.append((self.book, event, after))
        self.book = after
        return event

    def writes(self, person: str, opinion: str = "o-1", /, **fields: Any) -> list[OpinionEvent]:
        """An opinion on the paper for all."""
        given = {"paper": "p-all", "text": "Đề nghị làm rõ nguồn kinh phí.", "page": 3, "place": "Điều 5"}
        return self.does(person, "opinion.write", opinion=opinion, **(given | fields))

    def proposes(self, person: str, amendment: str = "a-1", /, **fields: Any) -> list[OpinionEvent]:
        """An amendment to the one paragraph there is."""
        given = {"paper": "p-all", "version": VERSION, "passage": 7, "text": DRAFT.text.replace("50", "60")}
        return self.does(person, "amendment.propose", amendment=amendment, **(given | fields))


def whole() -> Pages:
    """Every event happens at least once."""
    pages = Pages()
    pages.writes("delegate")
    pages.writes("delegate", text="Đề nghị làm rõ nguồn kinh phí ở khoản 2.", to="all")
    pages.writes("second", "o-2")
    pages.does("second", "opinion.withdraw", opinion="o-2")
    pages.does("secretary", "opinion.answer", opinion="o-1", answer="partly", reply="Bổ sung nguồn tại khoản 3.")
    pages.proposes("delegate", reason="Cho sát thực tế.", to="all")
    pages.proposes("second", "a-2", text="")
    pages.carries("b" * 64, replace(DRAFT, number=9, page=4))
    pages.does("second", "amendment.withdraw", amendment="a-2")
    pages.does("chair", "amendment.decide", amendment="a-1", state="accepted")
    return pages
