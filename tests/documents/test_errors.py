"""Every refusal of the papers room has a sentence, and every sentence a refusal."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

SENTENCES = json.loads(Path("web/src/i18n/errors/documents.json").read_text("utf-8"))
CODES = {
    code
    for file in Path("server/documents").rglob("*.py")
    for code in re.findall(
        r'"((?:bookmark|paper|page|shelf|folder|ink|mark|stroke|search)\.[a-z_]+)"', file.read_text("utf-8")
    )
} - {"stroke.add", "stroke.erase", "stroke.added", "stroke.erased", "mark.add", "mark.added", "mark.carried"}


def test_the_codes_and_the_sentences_are_the_same() -> None:
    assert set(SENTENCES) == CODES


def test_every_sentence_is_there_in_both_languages_and_speaks_as_an_office_does() -> None:
    for code, sentence in SENTENCES.items():
        assert set(sentence) == {"vi", "en"}, code
        for text in sentence.values():
            assert text.endswith(".") and "!" not in text, code
            assert unicodedata.is_normalized("NFC", text), code
        assert not re.search(r"\bbạn\b", sentence["vi"], re.IGNORECASE), code
        blanks = [set(re.findall(r"{{(\w+)}}", text)) for text in sentence.values()]
        assert blanks[0] == blanks[1], code
