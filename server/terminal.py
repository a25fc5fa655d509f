"""Words for the operator's terminal, in Vietnamese or in English."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Literal

import msgspec

from server.errors import Problem

Language = Literal["vi", "en"]
ERRORS = Path(__file__).parent.parent / "web" / "src" / "i18n" / "errors"


class Words(msgspec.Struct, frozen=True):
    """One sentence in both languages."""

    vi: str
    en: str

    def in_(self, language: Language) -> str:
        """The sentence in that language."""
        return self.vi if language == "vi" else self.en


def sentence(problem: Problem, language: Language) -> str:
    """What the tablets would say of this problem; the bare code where nobody wrote a sentence."""
    words = _sentences().get(problem.code)
    details = {key: ", ".join(value) if isinstance(value, list) else value for key, value in problem.details.items()}
    if words is None:
        return f"{problem.code} {details}" if details else problem.code
    return re.sub(r"\{\{(\w+)\}\}", lambda blank: str(details.get(blank[1], blank[0])), words.in_(language))


@functools.cache
def _sentences() -> dict[str, Words]:
    found: dict[str, Words] = {}
    for file in sorted(ERRORS.glob("*.json")):
        found.update(msgspec.json.decode(file.read_bytes(), type=dict[str, Words]))
    return found
