"""Pages that ended their worker: they would end the next one too, so the reason is kept and given at once.

A page too heavy at one size may be light at another: each width is remembered for itself, and so are its words.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from server.documents.page_folder import PageFolder
from server.documents.papers import VersionId
from server.errors import Problem, Refused

OF_THE_PAGE = frozenset({"paper.damaged", "paper.took_too_long", "paper.too_heavy"})
"""What is a page's own fault. A full disk or a worker that could not be started is not."""


class Reason(msgspec.Struct, frozen=True):
    """Why a page cannot be drawn."""

    code: str
    details: dict[str, Any]


class BrokenPages:
    """Remembers beside the drawn pages, so that every process knows it and a restart does not try anew."""

    def __init__(self, pages: PageFolder) -> None:
        self.pages = pages

    def check(self, version: VersionId, page: int, part: str) -> None:
        """Raises what went wrong with this part (a width, or "text") of the page the last time."""
        try:
            kept = msgspec.json.decode(self._note(version, page, part).read_bytes(), type=Reason)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        raise Refused(kept.code, **kept.details)

    @contextmanager
    def noted(self, version: VersionId, page: int, part: str) -> Iterator[None]:
        """What this part of the page does to its worker inside the `with` is remembered."""
        try:
            yield
        except Problem as problem:
            if problem.code in OF_THE_PAGE:
                with suppress(OSError):  # a full disk remembers nothing; the reason is told all the same
                    self._keep(self._note(version, page, part), Reason(problem.code, problem.details))
            raise

    def count(self, version: VersionId) -> int:
        """How many pages of this version are known not to be drawn, in some size. Words are not looked at."""
        notes = self.pages.text(version, 1).parent.glob("[0-9]*.[0-9]*.broken")
        return len({note.name.partition(".")[0] for note in notes})

    def forget(self, version: VersionId) -> None:
        """Somebody wants to see whether it works now."""
        for note in self.pages.text(version, 1).parent.glob("*.broken"):
            note.unlink(missing_ok=True)

    def _keep(self, note: Path, reason: Reason) -> None:
        note.parent.mkdir(parents=True, exist_ok=True)
        partial = note.with_name(f".{os.getpid()}-{note.name}")
        partial.write_bytes(msgspec.json.encode(reason))
        partial.replace(note)

    def _note(self, version: VersionId, page: int, part: str) -> Path:
        return self.pages.text(version, page).with_suffix(f".{part}.broken")
