"""What the members wrote about the papers, as offices put it into tables: opinions with answers, and changes to drafts.

Columns as in the forms of the law on legal documents (Decree 78/2025/NĐ-CP): who, on what, the opinion, "tiếp thu, giải
trình".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Generic, Literal, TypeVar

import msgspec

from server.clock import Millis
from server.records.naming import Person
from server.records.wording import local, office, tidy

ANSWERS = {"accepted": "Tiếp thu", "partly": "Tiếp thu một phần", "explained": "Giải trình"}
DECISIONS = {"open": "Chưa quyết định", "accepted": "Chấp nhận", "refused": "Không chấp nhận"}


class Opinion(msgspec.Struct, frozen=True):
    """What somebody wrote, and what was answered."""

    person: Person
    text: str
    page: int = 0
    """0: on the whole paper."""
    place: str = ""
    answer: Literal["", "accepted", "partly", "explained"] = ""
    reply: str = ""


class Change(msgspec.Struct, frozen=True):
    """What somebody proposed to make of a paragraph, and what was decided."""

    person: Person
    at: Millis
    page: int
    place: str
    before: str
    after: str
    reason: str = ""
    state: Literal["open", "accepted", "refused"] = "open"
    reply: str = ""
    fate: str = ""
    """A sentence on what a newer version of the paper means for it."""


Row = TypeVar("Row", Opinion, Change)


class Section(msgspec.Struct, Generic[Row], frozen=True):
    """One paper of the meeting, with what was written about it, in order."""

    title: str
    rows: tuple[Row, ...]


class Gathering(msgspec.Struct, Generic[Row], frozen=True):
    """A whole table with its head."""

    agency: str
    superior: str
    title: str
    """Of the meeting."""
    place: str
    made_at: Millis
    sections: tuple[Section[Row], ...]


def who(person: Person) -> str:
    """Two lines: the name, and title and unit."""
    return "\n".join(filter(None, (tidy(person.name), office(person))))


def where(row: Opinion | Change) -> str:
    """`khoản 2 Điều 5 (trang 3)`."""
    place, page = tidy(row.place), f"trang {row.page}" if row.page else ""
    if place and page:
        return f"{place} ({page})"
    return place or page or "Toàn bộ tài liệu"


def answer(row: Opinion) -> str:
    """`Tiếp thu. Đã bổ sung nguồn kinh phí.`; nothing while nothing was answered."""
    if not row.answer:
        return ""
    return _said(ANSWERS, row.answer, row.reply, ": " if row.answer == "explained" else ". ")


def decision(row: Change) -> str:
    """`Không chấp nhận. Đã có quy định tại khoản 4.`"""
    return _with_reply(_said(DECISIONS, row.state, row.reply, ". "), row.fate, ". ")


def _said(choices: Mapping[str, str], chosen: str, reply: str, joint: str) -> str:
    """The words of the choice and the reply; once where the reply begins with them: `Tiếp thu, bổ sung tại Điều 5.`"""
    plain = tidy(reply).lower()
    begun = [words for words in choices.values() if re.match(rf"{words.lower()}\b", plain)]
    if max(begun, key=len, default="") == choices[chosen]:
        return reply.strip()
    return _with_reply(choices[chosen], reply, joint)


def _with_reply(words: str, reply: str, joint: str) -> str:
    return words.removesuffix(".") + joint + reply.strip() if reply.strip() else words


def made(at: Millis) -> str:
    """`08 giờ 30, ngày 05/01/2026`."""
    return f"{local(at):%H giờ %M, ngày %d/%m/%Y}"
