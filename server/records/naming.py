"""How the minutes name people, and what a meeting of this type is called."""

from __future__ import annotations

import msgspec


class Words(msgspec.Struct, frozen=True):
    """The words this type of meeting uses."""

    chair: str = "chủ trì"
    """`chủ trì` (People's Committee) or `chủ tọa` (People's Council)."""
    comrade: bool = True
    """True: "đồng chí"; False: each person's own `form` ("ông", "bà")."""
    noun: str = "cuộc họp"
    """`cuộc họp`, `phiên họp`, `kỳ họp`, `hội nghị`, `hội thảo`."""
    members: str = "thành viên"
    """Who has a vote: "thành viên Ủy ban nhân dân tỉnh", "đại biểu Hội đồng nhân dân tỉnh"."""


class Person(msgspec.Struct, frozen=True):
    """Somebody as the minutes name them."""

    name: str
    title: str = ""
    unit: str = ""
    form: str = ""
    """`ông` or `bà`; empty is written "ông/bà". Not used where the meeting says "đồng chí"."""
