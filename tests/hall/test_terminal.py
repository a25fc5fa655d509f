"""Sentences for the operator, from the same file as the tablets' own."""

from __future__ import annotations

import pytest

from server.errors import Conflict, Invalid
from server.terminal import Language, sentence


@pytest.mark.parametrize(
    ("language", "expected"),
    [("vi", "Đã có cơ sở dữ liệu a.db."), ("en", "There is a database already: a.db.")],
)
def test_a_problem_becomes_a_sentence_with_its_blanks_filled(language: Language, expected: str) -> None:
    assert sentence(Conflict("restore.would_overwrite", file="a.db"), language).startswith(expected)


def test_several_things_are_listed() -> None:
    assert sentence(Invalid("config.invalid", keys=["a: x", "b: y"]), "en") == "The settings are wrong: a: x, b: y"


def test_a_code_without_a_sentence_is_shown_as_it_is() -> None:
    assert sentence(Conflict("nobody.wrote_this", n=1), "vi") == "nobody.wrote_this {'n': 1}"
