"""A paper of a meeting: one name, and versions that never change once they are published.

A paper is *received*, *converted* (office files only), *checked*, and then *ready* or *refused*. While a
newer version is on its way, or after it was refused, the version published before stays what people see.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, NewType

import msgspec

from server.documents.limits import PageSize

PaperId = NewType("PaperId", str)
VersionId = NewType("VersionId", str)
"""SHA-256 of the sanitised PDF. It holds the paper's id, so that equal files in two meetings differ."""


class State(StrEnum):
    """Where the newest upload of a paper stands."""

    RECEIVED = "received"
    CONVERTING = "converting"
    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"


UNFINISHED = (State.RECEIVED, State.CONVERTING, State.CHECKING)


class Version(msgspec.Struct, frozen=True):
    """One published version: immutable pages under immutable addresses."""

    id: VersionId
    number: int
    """1, 2, 3 … within its paper."""
    at: int
    by: str
    kind: str
    octets: int
    sizes: tuple[PageSize, ...]
    rendered: int = 0
    """How many pages have their image already."""
    broken: int = 0
    """How many pages could not be drawn; they are not tried again until somebody asks for it."""

    @property
    def pages(self) -> int:
        return len(self.sizes)


Form = Literal["annotations", "flat", "xfdf"]
"""How marks leave the house: as annotations of a PDF, drawn into its pages, or alone as XFDF."""


class Handling(msgspec.Struct, frozen=True):
    """How one visitor may have one paper."""

    stamp: str = ""
    """Burned into every page they see: name, unit and time. Such pages are never kept by the browser."""
    may_save: bool = True
    """May they have files: the original, the annotated copy, the text of the pages?"""


class Paper(msgspec.Struct, frozen=True):
    """A paper as its readers see it."""

    id: PaperId
    shelf: str
    """Where it lies: opaque here, the meeting's id to the hall."""
    name: str
    by: str
    at: int
    state: State
    code: str = ""
    """Why the newest upload was refused, else empty."""
    details: dict[str, Any] = {}
    version: Version | None = None
