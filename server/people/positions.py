"""Positions ("chức vụ") and precedence: in which order people are named, seated and greeted.

Smaller ranks come first. The catalogue is a default; a person's own precedence overrides it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from server.people.names import fold, given_name_first
from server.people.organisation import Organisation

UNRANKED = 900
"""The precedence of a title the catalogue does not know."""

CATALOGUE: tuple[tuple[str, int], ...] = (
    ("Bí thư Tỉnh ủy", 10),
    ("Phó Bí thư Thường trực Tỉnh ủy", 20),
    ("Phó Bí thư Tỉnh ủy", 30),
    ("Chủ tịch Hội đồng nhân dân tỉnh", 40),
    ("Chủ tịch Ủy ban nhân dân tỉnh", 40),
    ("Chủ tịch HĐND tỉnh", 40),
    ("Chủ tịch UBND tỉnh", 40),
    ("Trưởng đoàn đại biểu Quốc hội", 50),
    ("Chủ tịch Ủy ban Mặt trận Tổ quốc", 60),
    ("Phó Chủ tịch Thường trực", 70),
    ("Phó Chủ tịch", 80),
    ("Ủy viên Ban Thường vụ Tỉnh ủy", 90),
    ("Tỉnh ủy viên", 100),
    ("Chánh Văn phòng", 110),
    ("Giám đốc", 120),
    ("Chánh Thanh tra", 120),
    ("Chỉ huy trưởng", 120),
    ("Trưởng ban", 130),
    ("Cục trưởng", 130),
    ("Bí thư", 200),
    ("Chủ tịch", 210),
    ("Phó Chánh Văn phòng", 220),
    ("Phó Giám đốc", 230),
    ("Phó Trưởng ban", 230),
    ("Trưởng phòng", 300),
    ("Phó Trưởng phòng", 310),
    ("Chuyên viên chính", 400),
    ("Chuyên viên", 410),
)
"""Titles and ranks, the longest matching beginning wins: "Phó Giám đốc Sở Y tế" is a "Phó Giám đốc"."""

_FOLDED = sorted(((fold(title), rank) for title, rank in CATALOGUE), key=lambda entry: -len(entry[0]))


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of the organisation. The id never changes and is never given to anybody else."""

    id: str
    unit: str
    name: str
    title: str = ""
    precedence: int = UNRANKED
    short: str = ""
    """How the person is called where there is little room: "A. Nguyệt"; empty means the whole name."""


def precedence_of(title: str) -> int:
    """The rank the catalogue gives this title; `UNRANKED` when no entry begins it."""
    folded = fold(title)
    return next((rank for beginning, rank in _FOLDED if _begins(folded, beginning)), UNRANKED)


def in_precedence_order(people: Iterable[Person], organisation: Organisation) -> list[Person]:
    """By precedence, then by the unit's place in protocol order, then by given name."""

    def key(person: Person) -> tuple[int, int, tuple[object, ...], str]:
        return person.precedence, organisation.place(person.unit), given_name_first(person.name), person.id

    return sorted(people, key=key)


def _begins(title: str, beginning: str) -> bool:
    return title == beginning or title.startswith(beginning + " ") or title.startswith(beginning + ",")
